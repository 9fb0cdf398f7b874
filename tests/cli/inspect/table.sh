scaleplan inspect llama-3-8b
scaleplan inspect gpt-oss-20b --sequence-length 4096
