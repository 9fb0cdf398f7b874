scaleplan layout llama-3-8b dgx-h100 --devices 16
scaleplan layout llama-3-8b dgx-h100 --global-batch 64
scaleplan layout llama-3-8b dgx-h101 --devices 16 --global-batch 64
scaleplan layout llama-3-8c dgx-h100 --devices 16 --global-batch 64
scaleplan layout llama-3-8b dgx-h100 --devices 0 --global-batch 64
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch -3
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --tp 2,x --zero 4 --recompute half --engine megatorn
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --layout "tp8 qq3"
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --layout "tp3"
scaleplan layout llama-3-8b dgx-a100 --devices 16 --global-batch 64 --precision fp8
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --headroom 1.5
scaleplan layout llama-3-8b dgx-h100 --devices 16 --global-batch 64 --calibration missing.json
scaleplan layout llama-3-8b dgx-h100 --devices 12 --global-batch 64
scaleplan layout llama-3-8b
