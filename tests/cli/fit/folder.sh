# a directory or a pattern of step logs is a set of runs: each is a row that ends where its last evaluation
# stands, with facts from the file beside it
mkdir -p runs/.hidden
echo nonsense >runs/.hidden/main.log
sed -n '1,40p' "$DATA/chinchilla-epoch.jsonl" | grep -v outlier >rows.jsonl
n=0
while IFS=$'\t' read -r params tokens loss; do
  n=$((n + 1))
  mkdir "runs/r$n"
  printf 's:0 trl:9.5\ns:500 tel:%s\ns:1000 tel:%s\n' "$loss" "$loss" >"runs/r$n/main.log"
  echo "{\"params\": $params, \"batch_tokens\": $tokens}" >"runs/r$n/run.json"
done < <(perl -ne 'print "$1\t", $2/1000, "\t$3\n" if /"params": (\S+),.*"tokens": (\S+),.*"loss": ([^,}]+)/' rows.jsonl)
scaleplan fit rows.jsonl --law chinchilla --bootstrap 0 --format json | json fits.0.points.used fits.0.objective
scaleplan fit runs --law chinchilla --bootstrap 0 --format json | json fits.0.points.used fits.0.objective
scaleplan fit 'runs/r*/main.log' --law chinchilla --bootstrap 0 --format json | json fits.0.points.used fits.0.objective
mkdir odd empty
cp "$DATA/logs/wandb-history.jsonl" odd/history.jsonl
echo '{"params": 1e8, "tokens": 5e9}' >odd/history.jsonl.run.json
scaleplan fit odd --law chinchilla
scaleplan fit 'none*.log' --law chinchilla
scaleplan fit empty --law chinchilla
scaleplan fit "$DATA/logs/megatron-restart.log" --law chinchilla
scaleplan fit runs --law chinchilla --bootstrap 0 --verbose -o /dev/null
