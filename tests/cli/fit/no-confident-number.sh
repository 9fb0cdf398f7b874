# rows that cannot answer get a verdict with its reason and no best size, by a law and by the blend
row='{"params": 1e8, "tokens": 2e9, "loss": 3.1}'
for _ in $(seq 20); do echo "$row"; done >identical.jsonl
perl -e 'for my $i (0 .. 23) { my $n = 1e8 * 1.3**$i;
  printf qq({"params": %.0f, "tokens": 2e9, "loss": %.6f}\n), $n, 1.9 + 400 / $n**0.34 + 0.001 * sin($i * $i); }' >constant-tokens.jsonl
perl -e 'for my $i (0 .. 5) { for my $j (0 .. 5) { my ($n, $d) = (1e8 * 2**$i, 2e9 * 2**$j);
  printf qq({"params": %.0f, "tokens": %.0f, "loss": %.6f}\n), $n, $d, 2 + 0.05 * ($i + $j) + 0.001 * sin($i * $j); } }' >rising.jsonl
for file in identical constant-tokens rising; do
  for law in chinchilla auto; do
    scaleplan fit $file.jsonl --law $law --bootstrap 60 --format json >fit.json || echo "status $?"
    echo "$file, $law: $(json fits.0.verdict fits.0.verdict_reason <fit.json | paste -sd:)"
    json fits.0.optimum.0.N fits.0.optimum.0.reason fits.0.diagnostics.warnings <fit.json
  done
  scaleplan fit $file.jsonl --law chinchilla --bootstrap 0 --require identified >/dev/null 2>&1
  echo "required: status $?"
done
