# of given runs, three at most, whatever their order
scaleplan fit "$DATA/isoflop-porian-tuned.jsonl" --bootstrap 0 --format json -o runs.fit.json
for n in 1e8 2e8 4e8 8e8 1.6e9 3.2e9; do
  for c in 1.28e19 2.56e19; do
    echo "{\"run\": \"c$c-n$n\", \"params\": $n, \"tokens\": $(perl -e "print $c / 6 / $n"), \"flops\": $c}"
  done
done >offers.jsonl
tac offers.jsonl >reversed.jsonl
for offers in offers reversed; do
  scaleplan design --set budgets.train_flop=1e21 --law runs.fit.json --budget 6e19 --runs 3 --candidates $offers.jsonl --format csv
done
