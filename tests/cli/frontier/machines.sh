# money against time on machines, adaptively; nothing is dearer with more time
scaleplan frontier "$PROJECT/configs/h100-75-days.json" --x train_time_s --points 11 --set search.draws=20 --format csv |
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    NR > 2 && $column["loss"] > last { print "loss rises with time in row " NR }
    { last = $column["loss"]; rows++ }
    END { print rows " rows" }'
