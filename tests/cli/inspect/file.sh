# model documents of one's own, and one that says no length
for file in "$PROJECT"/configs/models/*.json; do
  scaleplan inspect "$file" --format json | json model params
done
echo '{"schema": "scaleplan/model/1", "id": "tiny", "shape": {"layers": 2, "hidden": 64, "heads": 4, "ffn": 256, "vocabulary": 1000, "tied": true}}' >tiny.json
scaleplan inspect tiny.json --explain
