# documents made to hurt: status 2 with a message and no output, whatever command reads them
perl -e 'print "[" x 100000' >deep.json
perl -e 'print "{\"a\":" x 100000' >deep-objects.json
perl -e 'print "{\"schema\": \"scaleplan/scenario/1\", \"x-a\": \"", "a" x 10100000, "\"}"' >huge.json
perl -e 'print "{\"schema\": \"", "s" x 300000, "\"}"' >long-string.json
perl -e 'print "{", join(",", map { "\"k\": $_" } 1 .. 20000), "}"' >duplicates.json
perl -e 'print "{", join(",", map { "\"k$_\": 0" } 1 .. 20000), "}"' >strangers.json
perl -e 'print "{\"a\": ", "1" x 100000, "}"' >long-number.json
printf '{"schema": "scaleplan/scenario/1", "name": "\xff\xfe"}' >not-utf-8.json
printf '{"schema": "scaleplan/scenario/1", "name": "\\ud800"}' >half-a-surrogate.json
printf '{"schema": "scaleplan/scenario/1"\0}' >zero-byte.json
printf '{"schema": "scaleplan/scenario/99"}' >later.json
printf 'null' >null.json
: >empty.json
echo '{"params": 1e9, "tokens": 2e10}' >points.jsonl
for file in *.json; do
  for words in "plan" "predict --at points.jsonl --law" "inspect" "layout llama-3-8b --global-batch 8" "serve llama-3-8b dgx-h100" \
    "calibrate" "check" "render" "frontier" "design --law chinchilla --budget 1e20"; do
    # shellcheck disable=SC2086
    scaleplan $words $file >out 2>error
    status=$?
    [ $status -eq 2 ] || echo "$words $file: status $status"
    [ ! -s out ] || echo "$words $file: something was printed"
    grep -q "^scaleplan: $file" error || { echo "$words $file: the message does not say where:"; head -c 300 error; }
    [ "$(wc -c <error)" -lt 20000 ] || echo "$words $file: $(wc -c <error) bytes of messages"
  done
done
