# a weight of two is a row given twice; without --map weight= a column of that name weighs nothing
perl -ne 'print; print if $. % 3 == 0' "$DATA/chinchilla-epoch.jsonl" >twice.jsonl
perl -pe 'my $w = $. % 3 == 0 ? 2 : 1; s/\}$/, "times": $w}/' "$DATA/chinchilla-epoch.jsonl" >weighed.jsonl
fit() { scaleplan fit "$@" --law chinchilla --bootstrap 0 --format json; }
fit twice.jsonl | json fits.0.objective
fit weighed.jsonl --map weight=times | json fits.0.objective fits.0.checklist.objective.weights
fit weighed.jsonl | json fits.0.objective fits.0.checklist.objective.weights
fit twice.jsonl --cluster-weight equal | json fits.0.objective fits.0.checklist.objective.cluster_weights
