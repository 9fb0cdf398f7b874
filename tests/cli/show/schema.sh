# the keys of a kind of documents; as JSON the schema as it was written
scaleplan show schema cluster
scaleplan show schemas --format csv | grep -E '^(id|plan|scenario),' | cut -d , -f 1,2
scaleplan show completion --format csv
for file in "$PROJECT"/share/scaleplan/schemas/*.json; do
  kind=$(basename "$file" .json)
  json "" <"$file" >written
  scaleplan show schema "$kind" --format json | json "" >shown
  same-text written shown || echo "$kind differs"
done
scaleplan show schema scenaro
