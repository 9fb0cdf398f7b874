# the launch of a run and its log as a measured case, predicted by the calibration in force
cat >proposal.json <<'JSON'
{"schema": "scaleplan/proposal/1", "name": "take 3", "model": "llama-3.1-8b", "tokens": 300001787904, "batch_tokens": 4194304,
 "sequence_length": 8192, "learning_rate": 3e-4, "precision": "bf16", "cluster": "dgx-h100", "devices": 64,
 "layout": {"tp": 2, "dp": 32, "zero": 1, "micro_batch": 1, "sequence_parallel": true}}
JSON
scaleplan render proposal.json --to megatron-lm -o train.sh
for step in 10 20 30 40 50; do
  echo " iteration $step/ 71526 | consumed samples: 5120 | elapsed time per iteration (ms): $((7000 + step)).0 | lm loss: 5.4E+00 |"
done >train.log
scaleplan render train.sh --to cases --log train.log | tee cases.json
scaleplan calibrate cases.json --evaluate-only --format json | json skipped
scaleplan render train.sh --to cases || echo "status $?"
