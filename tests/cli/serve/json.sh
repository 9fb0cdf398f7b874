# the keys that other programs read, and what is the same whatever the calibration says
scaleplan serve mixtral-8x7b dgx-h200 "$PROJECT/configs/demands/chat.json" --format json >answer
for key in schema status deployment.device deployment.tp deployment.replicas limit; do json $key <answer; done
jq -r '[.ttft_s <= 2, .tpot_s <= 0.05, .tokens_per_s > 23000, .energy_j_per_token > 0, .cost_usd_per_million_tokens > 0] | join(" ")' answer
jq -r '[.ttft_interval[0] < .ttft_s, .ttft_s < .ttft_interval[1], (.curve | length), (.alternatives | length)] | join(" ")' answer
jq -c '.curve | [(map(.tokens_per_s) | . == sort), (map(.tpot_s) | . == sort)]' answer
jq -r '.deployment.count == .deployment.tp * .deployment.replicas' answer
