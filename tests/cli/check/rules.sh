# pages of the rules
scaleplan show rules | head -4
scaleplan show rule SP203
scaleplan show rule SP101 --format json | json id severity parameters.0.name
scaleplan show rule SP999
echo "$?"
