# a model document of one's own, and one that says no length
scaleplan inspect "$PROJECT/configs/models/gpt3-175b.json" --format json | json params
echo '{"schema": "scaleplan/model/1", "id": "tiny", "shape": {"layers": 2, "hidden": 64, "heads": 4, "ffn": 256, "vocabulary": 1000, "tied": true}}' >tiny.json
scaleplan inspect tiny.json --explain
