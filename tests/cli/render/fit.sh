# a saved fit tells parameters, optima and how far to trust them; its runs are inside for the chart
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --bootstrap 40 --format json >fit.json
scaleplan render fit.json
json fits.0.runs.of <fit.json
scaleplan render fit.json --format vega-lite | json title layer.0.data.values.0.what layer.1.data.values.2.what
