# every run twice: a warning, copies stay together, intervals as without them
runs=$DATA/chinchilla-epoch.jsonl
sed 's/"run": "[^"]*", //' "$runs" >once.jsonl
cat once.jsonl once.jsonl >twice.jsonl
for file in once twice; do
  scaleplan fit $file.jsonl --law chinchilla --bootstrap 200 --format json >$file.json
  json fits.0.resampling fits.0.checklist.design.identical_rows fits.0.parameters.alpha fits.0.intervals.alpha fits.0.diagnostics.warnings <$file.json
done
head -2 "$runs" >two.jsonl
scaleplan fit two.jsonl --law chinchilla --include-outliers
