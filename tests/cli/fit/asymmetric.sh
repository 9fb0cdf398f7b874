# a law file may ask for an asymmetric loss: the lower edge of the rows instead of their middle
scaleplan show law chinchilla --format json >law.json
sed 's/"loss": "huber"/"loss": "asymmetric", "asymmetry": 10/; s/"residual": "log"/"residual": "raw"/; s/"delta": 0.001/"delta": 1e-5/' law.json >edge.json
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law edge.json --bootstrap 0 --at-flop 1e24 --format json >fit.json
json fits.0.checklist.objective.loss fits.0.checklist.objective.asymmetry <fit.json
json fits.0.optimum.0.N.value <fit.json | perl -ne 'printf "%.2g\n", $_'
sed 's/"loss": "huber"/"loss": "asymmetric", "asymmetry": 0/' law.json >zero.json
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law zero.json
