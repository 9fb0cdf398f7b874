scaleplan fit "$DATA/isoflop-porian-tuned.jsonl" --bootstrap 0 --format json -o runs.fit.json
scaleplan design --set budgets.train_flop=1e21 --law runs.fit.json --explain
