# the quick answer: profile likelihood, no draws; ends at 95 % as tabulated for these rows (74.5–128 billion)
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --uncertainty profile --level 0.95 --at-flop 1e24 \
  --format json >fit.json
json fits.0.uncertainty fits.0.draws fits.0.checklist.uncertainty.method <fit.json
json fits.0.optimum.0.N.interval <fit.json | perl -ne '/\[([^,]+),([^\]]+)\]/ && printf "%.2g %.3g\n", $1, $2'
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --uncertainty profile | grep -E "cover too|intervals at"
