# tables of errors, publishers and the order of layouts, and the limits in words
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --evaluate-only >table
grep -E '^[A-Z][a-z]' table
sed -n '/^Limits/,$p' table
scaleplan calibrate "$DATA/cases/korthikanti-table5.json" --evaluate-only --format csv | grep -E '^(quantity|source)'
