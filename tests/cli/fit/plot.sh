# runs and law with characters: ASCII unless the locale is UTF-8
LC_ALL=C scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --bootstrap 0 --plot | sed '/^Compute/,$d'
scaleplan fit "$DATA/chinchilla-epoch.jsonl" --law chinchilla --bootstrap 0 --plot --format markdown | sed -n '/^```/,/^```/p'
