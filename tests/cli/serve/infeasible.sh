# no device is that quick; what is said to do, does
sed 's/"tpot_s": 0.05/"tpot_s": 0.001/' "$PROJECT/configs/demands/chat.json" >demand.json
scaleplan serve llama-3-70b dgx-h100 demand.json --format json >answer
status=$?
jq -r '.status, .miss.limit, .miss.required, .deployment' answer
enough=$(jq '.miss.best * 1.001' answer)
sed "s/\"tpot_s\": 0.05/\"tpot_s\": $enough/" "$PROJECT/configs/demands/chat.json" >demand.json
scaleplan serve llama-3-70b dgx-h100 demand.json --format json | jq -r .status
exit $status
