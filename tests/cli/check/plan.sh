# fit | plan | check: a plan passes the limits that it was made under; under another law it has drifted
cat >scenario.json <<'S'
{"schema": "scaleplan/scenario/1", "budgets": {"train_flop": "1e22"}}
S
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --bootstrap 40 --format json | tee fit.json |
  scaleplan plan scenario.json --law - --format json |
  tee plan.json |
  scaleplan check - --scenario scenario.json --law fit.json --format json | json status
scaleplan check plan.json --scenario scenario.json --law fit.json --against plan.json --format json |
  json proposals.0.against proposals.0.regret.probability
errors() { perl -MJSON::PP -0777 -ne 'print join(" ", map { "$_->{rule}:$_->{subject}" } grep { $_->{severity} eq "error" } @{decode_json($_)->{findings}}), "\n"'; }
scaleplan check plan.json --scenario scenario.json --format json >drifted.json
echo "$? $(errors <drifted.json)"
scaleplan check plan.json --scenario scenario.json --law fit.json --set budgets.train_flop=9e21 --format json >over.json
echo "$? $(errors <over.json)"
