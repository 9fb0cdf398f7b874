# lists name every entry, entries print the document they were made from, both numbers of a noun work
scaleplan show --format json | json entries | grep -o '"id":"\(laws\|devices\|families\)"'
for kind in laws devices families models techniques regions; do
  scaleplan show "$kind" --format json | grep -c '"id"' | sed "s/^[1-9][0-9]*$/some $kind/"
done
json "" <"$PROJECT/share/scaleplan/families/llama3.json" >written
scaleplan show family llama3 --format json | json "" >shown
same-text written shown && echo "as written"
scaleplan show family llama3 --format json | json id
scaleplan show devices h100-sxm-80 --format json | json schema
