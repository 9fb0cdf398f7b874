# file names of any bytes: read, written, named in messages without harm to the terminal
latin=$(printf 'sc\351nario.json')
odd=$(printf 'a b\n\033[31m*.json')
echo '{"schema": "scaleplan/scenario/1", "budgets": {"train_flop": "1e22"}}' >"$latin"
cp "$latin" "$odd"
for name in "$latin" "$odd"; do
  scaleplan plan "$name" --format json -o "$name.plan" || echo "status $?"
  json status <"$name.plan"
  mkdir "$name.folder"
  echo '{"schema": "scaleplan/scenario/1", "budget": {}}' >"$name.folder/bad.json"
  scaleplan plan "$name.folder/bad.json" 2>error
  echo "status $?"
  grep -c "$(printf '\033')" error
done
# beginning with a dash
cp "$latin" ./-x.json
scaleplan plan ./-x.json --format json | json status
scaleplan plan --format json -- -x.json | json status
