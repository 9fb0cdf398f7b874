# what is no result is refused by name, with its place and what would do
scaleplan render missing.json
scaleplan render "$PROJECT/configs/flop-1e24.json"
echo '{"schema": "scaleplan/plan/2"}' >later.json && scaleplan render later.json
echo '{"a": 1}' | scaleplan render -
echo '[' | scaleplan render -
printf '{"schema": "scaleplan/plan/1",\n "constraints": [{"name": 7}]}' >wrong.json && scaleplan render wrong.json
printf '{"schema": "scaleplan/plan/1", "warnings": [1]}' | scaleplan render - --format html
scaleplan inspect llama-7b --format vega-lite
scaleplan render
