# severities, suppressions with a day, baselines and pins
cp -r "$PROJECT/configs/ci" configs
bad=configs/torchtitan/bad.toml
rules() { perl -MJSON::PP -0777 -ne 'print join(" ", map { $_->{severity} . ":" . $_->{rule} . ($_->{suppressed} ? "(waived)" : "") } grep { !$_->{not_checked} && $_->{severity} ne "note" } @{decode_json($_)->{findings}}), "\n"'; }
scaleplan check $bad --format json 2>/dev/null | tee before.json | rules
scaleplan check $bad --fail-on warning --format json 2>/dev/null | json fail_on status
cat >configs/policy.json <<'S'
{"schema": "scaleplan/policy/1", "requires": {"scenario": "scenario.json"}, "unknown": "off",
 "rules": {"SP101": "warning", "SP203": "off"},
 "suppressions": [{"rule": "SP201", "file": "torchtitan/*.toml", "reason": "a smoke test", "expires": "2026-01-15"},
                  {"rule": "SP404", "reason": "never needed", "expires": "2026-01-15"}]}
S
for day in 2026-01-15 2026-01-16; do
  scaleplan check $bad --policy configs/policy.json --today $day --format json 2>err >out.json
  echo "$day: exit $?"
  rules <out.json
  cat err
done
scaleplan check $bad --baseline before.json --format json 2>/dev/null >out.json
echo "exit $? $(json status findings <out.json | tr '\n' ' ')"
sed 's/^steps = .*/steps = 2000/' $bad >worse.toml && mv worse.toml $bad
scaleplan check $bad --baseline before.json --format json 2>/dev/null | rules
# a policy beside the file, in the folder where one stands
(cd configs/torchtitan && cp ../scaleplan-policy.json ../scenario.json . && scaleplan check good.toml --format json | json policy status) 2>&1
