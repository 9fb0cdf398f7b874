# many proposals in one call: the worst status wins, and no call without proposals passes
cp -r "$PROJECT/configs/ci" configs
scaleplan check configs/megatron-lm/good.sh configs/torchtitan/good.toml --format json 2>/dev/null >out.json
echo "$? $(json status <out.json)"
scaleplan check configs/megatron-lm/good.sh configs/torchtitan/bad.toml --format json 2>/dev/null >out.json
echo "$? $(json status proposals.0.status proposals.1.status <out.json | tr '\n' ' ')"
scaleplan check --format json >out.json
echo "$? $(json status findings.0.rule <out.json | tr '\n' ' ')"
echo '{"schema": "scaleplan/proposal/1", "name": "empty"}' >empty.json
scaleplan check empty.json --format json >out.json
echo "$? $(json status <out.json)"
scaleplan check configs/megatron-lm/good.sh empty.json --policy configs/scaleplan-policy.json --format json >out.json
echo "$? $(json status <out.json)"
