# what is resampled stands in the fit; ids that repeat are clusters by themselves
runs=$DATA/chinchilla-epoch.jsonl
for options in "" "--resample pairs" "--resample wild" "--cluster-by params~0.005" "--resample wild --cluster-by params~0.005"; do
  # shellcheck disable=SC2086
  scaleplan fit "$runs" --law chinchilla --bootstrap 40 $options --format json |
    json fits.0.uncertainty fits.0.resampling fits.0.checklist.uncertainty.clusters fits.0.draws | paste -sd' '
done
sed 's/"run": "[^"]*\(.\)"/"run": "\1"/' "$runs" >few.jsonl
scaleplan fit few.jsonl --law chinchilla --bootstrap 40 --format json | json fits.0.resampling fits.0.checklist.uncertainty.clusters
