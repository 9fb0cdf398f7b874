demand() { jq "$1" "$PROJECT/configs/demands/chat.json" | scaleplan serve llama-3-70b dgx-h100 -; }
demand '.tokens_per_day.output = 0'
demand '.slo.percentile = 95'
demand '.serving.clusters[0].usd_per_device_hour = -2'
demand '.serving.clusters[0].pue = 0.9'
demand '.serving.clusters[0].power_cap_w = 900'
demand '.serving.clusters[0].power_cap_w = 60'
demand '.serving.clusters[0].region = "us-oregon"'
demand '.request.output = {mean: 360, p95: 12000} | .request.output.mean = 360'
demand '.request.input.mean = 900'
demand '.tokens_per_day.output = 8e9 | .request.output = {mean: 3600, p95: 9000}'
demand '.slow = 1'
demand '.serving.weight_precision = ["fp88"]'
echo '[1' | scaleplan serve llama-3-70b dgx-h100 -
scaleplan serve llama-3-70b dgx-h100 missing.json
scaleplan serve llama-3-70b dgx-h1000 "$PROJECT/configs/demands/chat.json"
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --devices 7.5
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --engine vlm
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --calibration "$PROJECT/share/scaleplan/calibrations/training.json"
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --technique adafactor
scaleplan serve llama-3-70b dgx-h100 "$PROJECT/configs/demands/chat.json" --technique marlyn
scaleplan serve llama-3-70b dgx-h100
