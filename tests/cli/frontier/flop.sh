# loss against FLOP around the default scenario's own budget
scaleplan frontier --points 5 --format json -o curve.json
json schema x.quantity y.quantity points.0.x points.4.x points.2.status points.0.binding <curve.json
# every point is the plan at that budget
scaleplan plan --set budgets.train_flop="$(json points.1.x <curve.json)" --format json -o plan.json
[ "$(json points.1.decision.params <curve.json)" = "$(json decision.params <plan.json)" ] || echo "another size than plan"
