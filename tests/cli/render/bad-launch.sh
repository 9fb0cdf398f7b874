echo '{"schema": "scaleplan/proposal/1", "model": "llama-3-8b"}' >p.json
scaleplan render p.json --to megatron
scaleplan render p.json --to megatron-lm
scaleplan render p.json --to vllm
scaleplan render p.json --folder x
scaleplan render p.json --to vllm --format json
scaleplan render p.json --to vllm --folder x -o y
printf '[training]\nbatch_size = 8\n[model]\n' | scaleplan render - --to megatron-lm
printf 'pretrain_gpt.py --num-layers 2 \\\n --num-layers 3\n' | scaleplan render - --to megatron-lm
scaleplan render missing.sh --to megatron-lm
