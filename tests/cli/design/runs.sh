# runs for the size stand on both sides of the optimum; runs for the loss leave less doubt of the loss
scaleplan fit "$DATA/isoflop-porian-tuned.jsonl" --bootstrap 0 --format json -o runs.fit.json
for criterion in size loss; do
  scaleplan design --set budgets.train_flop=1e21 --law runs.fit.json --budget 5.4e19 --criterion $criterion --format json -o $criterion.json
  json schema chosen.criterion other.criterion candidates_from chosen.picks.0.flops chosen.spent_flop <$criterion.json
done
[ "$(json other.picks <size.json)" = "$(json chosen.picks <loss.json)" ] || echo "the other design differs"
perl -MJSON::PP -e '
  my ($size, $loss) = map { local (@ARGV, $/) = $_; decode_json(<>) } "size.json", "loss.json";
  my @offsets = sort { $a <=> $b } map { $_->{offset_ln_size} } @{$size->{chosen}{picks}};
  print $offsets[0] < -0.5 && $offsets[-1] > 0.5 ? "both sides\n" : "one side: @offsets\n";
  print "less doubt of the loss\n" if $loss->{chosen}{after}{sd_ln_loss} < $size->{chosen}{after}{sd_ln_loss};
  print "less doubt of the size\n" if $size->{chosen}{after}{sd_ln_size} < $size->{before}{sd_ln_size};'
