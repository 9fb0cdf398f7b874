scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --devices 16 --format json | jq -r '.miss.limit, .miss.best'
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --devices 16 >/dev/null
