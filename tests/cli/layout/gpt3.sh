# GPT-3 175B on 1024 A100: the whole space, every layout evaluated or pruned for a counted reason
scaleplan layout "$PROJECT/configs/models/gpt3-175b.json" dgx-a100 --devices 1024 --global-batch 1536 \
  --sequence-length 2048 --format json >layout.json
json schema status legal layouts.0.rank layouts.9.rank job.batch_tokens <layout.json
perl -MJSON::PP -0777 -e '
  my $d = decode_json(<>);
  my $out = 0; $out += $_->{count} for @{ $d->{pruned} };
  print $d->{evaluated} + $out == $d->{legal} ? "counted\n" : "lost some\n";
  my $last = 0;
  for my $l (@{ $d->{layouts} }) {
    my ( $t, $m, $c ) = ( 0, 0, $l->{layout} );
    $t += $_ for values %{ $l->{time_s} };
    $m += $l->{memory_bytes}{$_} for qw(weights gradients optimizer activations working logits);
    print "times of rank $l->{rank} do not add up\n"    unless abs( $t / $l->{step_time_s} - 1 ) < 1e-6;
    print "memory of rank $l->{rank} does not add up\n" unless abs( $m / $l->{memory_bytes}{total} - 1 ) < 1e-6;
    print "rank $l->{rank} does not fit\n"   if $l->{memory_bytes}{safe} > $d->{job}{cluster}{memory_bytes};
    print "rank $l->{rank} is out of order\n" if $l->{step_time_s} < $last;
    print "rank $l->{rank} has other devices\n" if $c->{tp} * $c->{pp} * $c->{cp} * $c->{dp} != 1024;
    print "rank $l->{rank}: tokens/s\n" unless abs( $l->{tokens_per_s} * $l->{step_time_s} / 3145728 - 1 ) < 1e-6;
    $last = $l->{step_time_s};
  }
  print "nothing assumed\n" unless grep { $_->{key} eq "attention" } @{ $d->{assumed} };
' layout.json
scaleplan layout "$PROJECT/configs/models/gpt3-175b.json" dgx-a100 --devices 1024 --global-batch 1536 \
  --sequence-length 2048 --threads 1 --format json | cmp - layout.json && echo same
