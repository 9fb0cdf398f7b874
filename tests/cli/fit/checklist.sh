# what a paper should say about a fit, in the document and under --explain
cp "$DATA/chinchilla-epoch.jsonl" runs.jsonl
scaleplan fit runs.jsonl --law chinchilla --bootstrap 40 --format json >fit.json
json fits.0.checklist. fits.0.checklist.form fits.0.checklist.compute fits.0.checklist.inputs.N.counts fits.0.checklist.design. \
  fits.0.checklist.design.sizes fits.0.checklist.design.budgets fits.0.checklist.missing fits.0.checklist.outliers_included <fit.json
scaleplan fit runs.jsonl --law chinchilla --bootstrap 40 --explain | sed -n '/^Checklist/,/^$/p'
