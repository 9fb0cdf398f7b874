# the demand of a scenario, and engines that differ
jq '{schema: "scaleplan/scenario/1", budgets: {train_flop: 1e24}, demand: del(.schema, .name)}' "$PROJECT/configs/demands/chat.json" >scenario.json
scaleplan serve llama-3-8b h100-sxm-80 scenario.json --format json | jq -r '.status, .deployment.engine'
scaleplan serve llama-3-8b h100-sxm-80 scenario.json --engine vllm --format json | jq -r '.status, .deployment.engine'
scaleplan serve llama-3-8b h100-sxm-80 - <scenario.json --format json --aggregated | jq -r '.status, .deployment.prefill'
