# of given runs, three at most, whatever their order
for n in 1e9 2e9 4e9 8e9 1.6e10 3.2e10; do
  for c in 2e22 4e22; do
    echo "{\"run\": \"c$c-n$n\", \"params\": $n, \"tokens\": $(perl -e "print $c / 6 / $n"), \"flops\": $c}"
  done
done >offers.jsonl
tac offers.jsonl >reversed.jsonl
for offers in offers reversed; do
  scaleplan design --budget 1e23 --runs 3 --noise 0.004 --candidates $offers.jsonl --format csv
done
