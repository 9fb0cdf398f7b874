# a proposal as files of every framework, each read back to the same file of another
cat >proposal.json <<'JSON'
{"schema": "scaleplan/proposal/1", "name": "take 3", "model": "llama-3.1-8b", "tokens": 300001787904, "batch_tokens": 4194304,
 "sequence_length": 8192, "learning_rate": 3e-4, "weight_decay": 0.1, "optimizer": "adamw", "precision": "bf16",
 "schedule": {"kind": "cosine", "warmup_tokens": 8002732032, "final_fraction": 0.1}, "cluster": "dgx-h100", "devices": 64,
 "layout": {"dp": 64, "zero": 3, "micro_batch": 1, "recompute": "full"},
 "deployment": {"device": "h200-sxm", "tp": 4, "replicas": 10, "precision": "fp8", "batch": 64}}
JSON
scaleplan render proposal.json --to megatron-lm | tee train.sh
bash -n train.sh
for framework in torchtitan deepspeed nemo accelerate slurm; do
  scaleplan render proposal.json --to $framework --folder $framework
done
cat torchtitan/config.toml
for first in torchtitan/config.toml nemo/config.yaml accelerate/train.sh slurm/train.sbatch train.sh; do
  scaleplan render $first --to megatron-lm | cmp - train.sh && echo "$first says the same"
done
bash -n accelerate/train.sh && bash -n slurm/train.sbatch && bash -n torchtitan/run.sh
scaleplan render deepspeed/ds_config.json --to deepspeed --folder again
cmp deepspeed/ds_config.json again/ds_config.json
scaleplan render proposal.json --to vllm
