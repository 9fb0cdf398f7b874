# published energy, power and carbon of training runs, and which of the figures contradict themselves
scaleplan calibrate "$DATA/energy-cases.json" --evaluate-only --format json >energy
json kind error.energy_arithmetic.median_abs error.power_w.median_abs error.power_w.max_abs \
  error.energy_end_to_end.median_abs error.energy_end_to_end.mean_abs skipped.0 <energy
scaleplan calibrate "$DATA/energy-cases.json" --evaluate-only | sed -n '/^Limits/,$p'
