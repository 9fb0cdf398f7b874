# every case plans, and says what was done beside it
for scenario in "$PROJECT"/configs/cases/*.json; do
  scaleplan plan "$scenario" --format json -o plan.json || echo "$scenario: status $?"
  [ "$(json schema <plan.json)" = scaleplan/plan/1 ] || echo "$scenario: no plan"
  [ "$(json x-done.tokens <"$scenario")" != absent ] || echo "$scenario: what was done?"
done
