# only what was asked for, and named layouts judged
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --tp 2,4 --zero 1 --recompute full --top 5 \
  --layout "tp2 mbs1 zero1 full" --layout "tp5 dp3" --layout "tp2 pp4 zero3" --format json >layout.json
perl -MJSON::PP -0777 -e '
  my $d = decode_json(<>);
  for my $l ( map { $_->{layout} } @{ $d->{layouts} } ) {
    print "not asked for: $l->{text}\n" unless $l->{tp} =~ /^[24]$/ && $l->{zero} == 1 && $l->{recompute} eq "full";
  }
  for my $n ( @{ $d->{named} } ) { printf "%s: %s\n", $n->{layout}{text}, $n->{reason} // "fits"; }
' layout.json
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --layout "tp8 zero1 full" --explain |
  grep -c -e 'Why the best is best' -e 'tp8 dp2 mbs1 zero1 full fits and takes' -e 'tp8 dp2 mbs1 zero1 full takes'
