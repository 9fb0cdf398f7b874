# a technique in words, its document as written; lists say what may be planned on
scaleplan show technique muon
scaleplan show techniques --format csv | grep -E '^(id|mesa|megatron.case|pagedattention),'
json "" <"$PROJECT/share/scaleplan/techniques/zero.stage1.json" >written
scaleplan show technique zero.stage1 --format json | json "" >shown
same-text written shown && echo "as written"
scaleplan show technique wrap --format markdown | grep rephrased
