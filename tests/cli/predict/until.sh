# the end of a running job from its log: learning rates go on as they have begun, or as --schedule says
perl -e '
  my ($area, $slow, $x) = (0, 0, 1);
  for my $s (1..3000) {
    my $lr = 6e-4 * ($s < 100 ? $s / 100 : 0.5 * (1 + cos(3.14159265358979 * ($s - 100) / 4900)));
    $area += $lr; $slow += ($lr - $slow) / 150;
    $x = $x * 69069 % 65536 + 1;
    next if $s % 5;
    printf "s:%d trl:%.4f lr:%.9f norm:0.30\n", $s, 2.4 + 0.8 * ($area + 0.01) ** -0.4 + 150 * $slow + 0.02 * ($x / 65536 - 0.5), $lr;
  }' >main.log
echo '{"params": 1.24e8, "batch_tokens": 524288}' >run.json
scaleplan predict main.log --until 5000steps --format json >forecast.json
json schema points.0.inputs points.0.value points.0.interval curve.loss curve.schedule <forecast.json
scaleplan predict main.log --until 2621440000 --format json | cmp - forecast.json && echo same
scaleplan predict main.log --until 5000steps --threads 1 --format json | cmp - forecast.json && echo same
scaleplan predict main.log --until 5000steps
perl -e 'print "step,learning_rate\n"; for my $s (0..50) { my $t = 100 * $s; printf "%d,%.9f\n", $t, 6e-4 * ($t < 100 ? $t / 100 : 0.5 * (1 + cos(3.14159265358979 * ($t - 100) / 4900))) }' >schedule.csv
scaleplan predict main.log --until 5000steps --schedule schedule.csv --ema 20 --warm-up 200 --format json | json points.0.value curve.warm_up_steps curve.schedule
echo "status $?"
sed 's/$/00/' schedule.csv >other.csv
sed -i '1s/.*/step,learning_rate/; 2,$s/,0\.000/,0.001/' other.csv
scaleplan predict main.log --until 5000steps --schedule other.csv
scaleplan predict main.log --until 9000steps --schedule schedule.csv
scaleplan predict main.log --until 9000steps
scaleplan predict main.log --until end
scaleplan predict main.log --until soon
scaleplan predict main.log --until 2000steps
scaleplan predict main.log --schedule schedule.csv
scaleplan predict main.log --until 5000steps --at main.log
scaleplan predict main.log --until 5000steps --law chinchilla
scaleplan predict "$DATA/chinchilla-epoch.jsonl" --until 1T
scaleplan predict --until 1T
rm run.json
scaleplan predict main.log --until 5B
