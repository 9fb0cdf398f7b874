# a checkpoint's config.json as it is; what is not read is said when asked for
cat >config.json <<'END'
{"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336,
 "max_position_embeddings": 32768, "num_attention_heads": 32, "num_experts_per_tok": 2, "num_hidden_layers": 32,
 "num_key_value_heads": 8, "num_local_experts": 8, "rope_theta": 1e6, "sliding_window": null,
 "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 32000}
END
scaleplan inspect config.json --format json --verbose >report
json params <report
json flop_per_token.sequence_length <report
scaleplan inspect - --format json <config.json | json params.total
