scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --top 2
