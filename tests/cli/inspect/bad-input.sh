config() {
  echo "{\"model_type\": \"$1\", \"num_hidden_layers\": $2, \"hidden_size\": $3, \"num_attention_heads\": 32,
    \"num_key_value_heads\": $4, \"intermediate_size\": 11008, \"vocab_size\": 32000}" | scaleplan inspect -
}
config llama null 4096 8
config llama 32 '"4096"' 8
config llama 32 4096 5
config lama 32 4096 8
echo '{"model_type": "rwkv", "hidden_size": 4096}' | scaleplan inspect -
echo '{"hidden_size": 4096}' | scaleplan inspect -
echo '{"schema": "scaleplan/device/1"}' | scaleplan inspect -
echo '{"schema": "scaleplan/model/1", "id": "x", "shape": {"layers": 2, "hiden": 64, "heads": 4, "ffn": 8}}' | scaleplan inspect -
echo '[1, 2' | scaleplan inspect -
scaleplan inspect missing.json
scaleplan inspect ./
scaleplan inspect llama3-8b
scaleplan inspect llama-3-8b --sequence-length 0
scaleplan inspect llama-3-8b --sequence-length 8k
scaleplan inspect
