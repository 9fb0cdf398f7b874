# a saved plan looks as it did when it was made, in every format, from a file and from standard input
scaleplan plan --detail report --format json >plan.json
for format in table csv markdown json vega-lite; do
  scaleplan plan --detail report --format $format >made
  scaleplan render plan.json --format $format | cmp - made && echo "$format the same"
done
scaleplan render - --format table <plan.json | cmp - <(scaleplan render plan.json) && echo same
scaleplan render plan.json --format vega-lite | json vconcat.0.title vconcat.1.title vconcat.2.title
