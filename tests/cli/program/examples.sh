# every example of the manual and of the help does what it says: status 0, or 1 for a valid no
rows="$DATA/chinchilla-epoch.jsonl"
sed -n '6~4p' "$rows" >runs.jsonl
perl -ne 'BEGIN { print "params,tokens,eval/loss,dataset\n" }
  my ($n) = /"params": ([^,}]+)/; my ($d) = /"tokens": ([^,}]+)/; my ($l) = /"loss": ([^,}]+)/;
  printf "%s,%s,%s,%s\n", $n, $d, $l, $. % 2 ? "web" : "code"' runs.jsonl >runs.csv
scaleplan fit runs.jsonl --law chinchilla --bootstrap 20 --format json -o small-runs.fit.json
cp small-runs.fit.json runs.fit.json
sed -n '6,$p' "$rows" | sed '1~3s/}$/, "mix": "web-v3"}/; 1~3!s/}$/, "mix": "web-v2"}/' >mixed.jsonl
scaleplan fit mixed.jsonl --group-by mix --law chinchilla --bootstrap 20 --format json -o by-data-mix.fit.json
sed -n '20,22p' "$rows" >big-runs.jsonl
cp big-runs.jsonl points.jsonl
printf '{"run": "%s", "params": %s, "tokens": %s}\n' a 1e8 2e10 b 4e8 2e10 c 1e9 2e10 >possible.jsonl
printf 'params,tokens\n1e9,2e10\n7e9,1.4e11\n' >points.csv
perl -e '
  my ($area, $x, @log) = (0, 1);
  for my $s (1..3000) {
    my $lr = 6e-4 * ($s < 100 ? $s / 100 : 0.5 * (1 + cos(3.14159265358979 * ($s - 100) / 4900)));
    $area += $lr;
    $x = $x * 69069 % 65536 + 1;
    push @log, sprintf "{\"step\": %d, \"loss\": %.4f, \"learning_rate\": %.9f}", $s, 2.4 + 0.8 * ($area + 0.01) ** -0.4 + 0.02 * ($x / 65536 - 0.5), $lr unless $s % 10;
  }
  printf "{\"global_step\": 3000, \"max_steps\": 5000, \"log_history\": [%s]}\n", join ",", @log' >trainer_state.json
echo '{"params": 1.24e8, "batch_tokens": 524288}' >run.json
sed 's/"draws": [0-9]*/"draws": 5/; s/"devices": {[^}]*}/"devices": 1024/' "$PROJECT/configs/h100-75-days.json" >quick.json
cp quick.json cluster.json
mkdir -p configs checkpoint
cp -r "$PROJECT/configs/." configs/
cp configs/demands/chat.json chat.json
scaleplan show model llama-3-8b --format json >model.json
cp model.json config.json
cp model.json checkpoint/config.json
cp "$DATA/cases/korthikanti-table5.json" cases.json
cp cases.json own-runs.json
scaleplan calibrate own-runs.json --format json -o own.calibration.json
cp "$PROJECT/tests/schemas/samples/policy.json" policy.json
cat >proposal.json <<'END'
{"schema": "scaleplan/proposal/1", "model": "llama-3-8b", "tokens": "100B", "batch_tokens": 4194304, "sequence_length": 8192,
 "cluster": "dgx-h100", "devices": 64, "layout": {"tp": 2, "micro_batch": 1, "zero": 1, "recompute": "full"}}
END
cp -r "$PROJECT/configs/ci/torchtitan/." configs/
scaleplan plan quick.json --set 'training.layouts={"engine": "fsdp", "pp": 1, "zero": 3}' --format json -o fsdp.json
echo " iteration 10/ 20 | elapsed time per iteration (ms): 9000.0 |" >train.log
mkdir demand
perl -pe 's{scaleplan/demand/1}{scaleplan/scenario/1}' chat.json >demand/plain
perl -MJSON::PP -e 'local $/; my $d = decode_json(<STDIN>); my %s = (schema => delete $d->{schema}); delete $d->{name};
  print encode_json({%s, demand => $d})' <demand/plain >demand/scenario.json
examples >list
while IFS= read -r example; do
  case $example in
    "scaleplan serve "*scenario.json*) cp demand/scenario.json scenario.json ;;
    *"--to torchtitan"*) cp fsdp.json plan.json ;;
    *) cp quick.json scenario.json ;;
  esac
  bash -c "$example" >out 2>error </dev/null
  status=$?
  grep -q 'were left out of this build' error && continue  # without npm there are no html pages
  if [ $status -gt 1 ] || { [ ! -s out ] && [[ $example != *" -o "* && $example != *">"* ]]; }; then
    echo "$example: status $status"
    cat error
  fi
done <list
[ "$(wc -l <list)" -gt 20 ] && echo "all examples run"
