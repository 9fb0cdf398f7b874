# on a terminal, in plain environments and through a pipe the same bytes are printed
cat >commands <<'END'
scaleplan --help
scaleplan plan --help
scaleplan plan
scaleplan show laws
scaleplan inspect llama-3-8b
scaleplan serve llama-3-8b dgx-h100 "$PROJECT/configs/demands/chat.json" --top 1
scaleplan layout llama-3-8b dgx-h100 --devices 8 --global-batch 8 --top 1 --tp 1,2
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --bootstrap 5
END
while IFS= read -r command; do
  bash -c "$command" >pipe 2>/dev/null
  script -qec "bash -c '$command' 2>/dev/null" /dev/null </dev/null | tr -d '\r' >terminal
  cmp pipe terminal || echo "$command: a terminal gets other bytes"
  NO_COLOR=1 TERM=dumb COLUMNS=40 bash -c "$command" 2>/dev/null | cmp - pipe || echo "$command: NO_COLOR"
done <commands
# a document is not typed in
script -qec "scaleplan plan -" /dev/null </dev/null | tr -d '\r'
