# where compute-optimal losses cross: published sets, groups of one fit, and what cannot be compared
scaleplan predict --law chinchilla:epoch240 --against chinchilla:hoffmann2022 --format json |
  json crossings.0.compute crossings.0.loss crossings.0.better_above crossings.0.interval crossings.0.draws_crossing
sed -n '6,$p' "$DATA/chinchilla-epoch.jsonl" | sed '1~2s/}$/, "half": "odd"}/; 2~2s/}$/, "half": "even"}/' >runs.jsonl
scaleplan fit runs.jsonl --group-by half --law chinchilla --bootstrap 60 --format json -o fit.json
scaleplan predict fit.json --against odd --format json | json crossings.0.first crossings.0.second crossings.0.reason
scaleplan predict fit.json --against chinchilla:epoch240 --format csv | head -n 1
scaleplan predict fit.json --against neither
echo "status $?"
scaleplan predict fit.json --against odd --at runs.jsonl
