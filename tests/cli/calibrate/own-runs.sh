# runs of one's own move the site factor alone, and the calibration that is written narrows the interval
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --format json -o own.json
jq -c '[.training.factors.site.value != 1, .training.between_sources < 0.05]' own.json
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --evaluate-only --calibration own.json --format json >own
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --evaluate-only --format json >shipped
jq -n --slurpfile a own --slurpfile b shipped '($a[0].error.step_time_s.bias | fabs) < ($b[0].error.step_time_s.bias | fabs)'
# the same bytes on any number of threads
for threads in 1 2; do
  scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --threads "$threads" --format json | sha256sum
done | uniq | wc -l
