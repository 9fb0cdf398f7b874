# every refusal names place and remedy; nothing is printed
attempt() { scaleplan calibrate "$@"; echo "status $?" >&2; }
cases=$DATA/cases/korthikanti-table5.json
attempt nowhere.json
attempt "$cases" --leave-out device
jq '.kind = "trainign"' "$cases" >kind.json
attempt kind.json
jq '.cases[0].cluster.device = "a100-smx-80"' "$cases" >device.json
attempt device.json
jq '.cases[2].layout.micro_batch = 0' "$cases" >batch.json
attempt batch.json
jq '.cases = []' "$cases" >none.json
attempt none.json
echo '{"schema": "scaleplan/calibration/1", "kind": "serving"}' >other.json
attempt "$cases" --evaluate-only --calibration other.json
exit 2
