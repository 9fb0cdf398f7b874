# plans with machines as launch files: reading and writing them again loses no line, and adds only what the
# framework does by itself where the plan says nothing (schedule, weight decay)
for scenario in h100-75-days lifetime-on-h100; do
  scaleplan plan "$PROJECT/configs/$scenario.json" --set search.draws=0 --format json -o plan.json
  for framework in megatron-lm slurm nemo; do
    scaleplan render plan.json --to $framework --folder first >names
    file=$(head -n 1 names)
    scaleplan render "$file" --to $framework --folder second >names
    diff <(grep -v '^#' "$file") <(grep -v '^#' "$(head -n 1 names)") | grep '^[<>]'
    echo "$scenario, $framework: read back"
  done
done
scaleplan plan --set search.draws=0 --format json | scaleplan render - --to megatron-lm
test $? -eq 2 && echo "no machines, no launch"
