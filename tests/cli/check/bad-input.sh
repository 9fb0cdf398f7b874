# every bad input: status 2, with place and remedy, and nothing on standard output
cp -r "$PROJECT/configs/ci" configs
good=configs/megatron-lm/good.sh
expect() { scaleplan check "$@" --format json; [ $? -eq 2 ] || echo "status of $*"; }
expect missing.json
expect configs
echo '{"schema": "scaleplan/proposal/2"}' >next.json
expect next.json
echo '{"schema": "scaleplan/proposal/1", "tokens": "1T", "tokens": "2T"}' >twice.json
expect twice.json
perl -e 'print "{\"schema\": \"scaleplan/proposal/1\", \"x-deep\": ", "[" x 5000, "]" x 5000, "}"' >deep.json
expect deep.json
perl -e 'print "{\"schema\": \"scaleplan/proposal/1\", \"x-long\": \"", "a" x (100 << 20), "\"}"' >long.json
expect long.json
sed 's/--bf16/--bf16 --fp16/' $good >conflict.sh
expect conflict.sh
expect $good --policy configs/scenario.json
expect $good --scenario configs/scaleplan-policy.json
expect $good --against configs/scenario.json
expect $good --baseline configs/scenario.json
expect $good --today tomorrow
expect $good --fail-on fatal
expect $good --as torchtitan
expect $good --set budgets.train_flop=1 --policy <(echo '{"schema": "scaleplan/policy/1"}')
mkdir other && echo '{"schema": "scaleplan/policy/1"}' >other/scaleplan-policy.json && cp $good other
expect $good other/good.sh
name=$(printf 'run\377.json')
echo '{"schema": "scaleplan/proposal/1", "tokens": "many"}' >"$name"
expect "$name"
