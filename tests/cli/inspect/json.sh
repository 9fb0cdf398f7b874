# keys that other programs rely on
scaleplan inspect deepseek-v3 --sequence-length 4096 --format json >report
for key in schema params.total params.active params.non_embedding params.embedding flop_per_token.forward \
  flop_per_token.training kv_bytes_per_token memory.weights_bytes.bf16 \
  memory.training_state_bytes.bf16-fp32-gradients memory.kv_cache_bytes notes.0; do
  json "$key" <report
done
scaleplan inspect llama-3-8b --format csv | head -n 7
