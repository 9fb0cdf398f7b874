# the published times of arXiv:2205.05198 Table 5 against the shipped calibration: what was skipped, what was read
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --evaluate-only --format json >out
json schema kind scored error.step_time_s.cases skipped.0.reason skipped.1.reason ignored_keys.mood <out
json training <out 2>/dev/null || echo "no constants"
jq -e '.error.step_time_s | .mean_abs < 0.12 and (.coverage == 1)' out
