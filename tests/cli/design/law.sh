# a law of the catalogue has draws, and what its runs scatter is assumed
scaleplan design --budget 1e23 --runs 4 --format json -o design.json
json noise assumed.0.key <design.json
scaleplan design --budget 1e23 --runs 4 --noise 0.002 --format json | json noise assumed
