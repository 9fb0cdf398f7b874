#!/bin/bash
# 1.2 billion parameters on 26 billion tokens, one node of eight H100.
torchrun --nproc-per-node 8 --nnodes 1 pretrain_gpt.py \
  --num-layers 20 \
  --hidden-size 2048 \
  --ffn-hidden-size 5632 \
  --num-attention-heads 16 \
  --group-query-attention \
  --num-query-groups 4 \
  --seq-length 4096 \
  --max-position-embeddings 4096 \
  --position-embedding-type rope \
  --normalization RMSNorm \
  --swiglu \
  --disable-bias-linear \
  --untie-embeddings-and-output-weights \
  --vocab-size 32000 \
  --tensor-model-parallel-size 1 \
  --pipeline-model-parallel-size 1 \
  --use-distributed-optimizer \
  --micro-batch-size 2 \
  --global-batch-size 128 \
  --train-iters 50000 \
  --lr 6e-4 \
  --min-lr 6e-5 \
  --lr-decay-style cosine \
  --lr-warmup-iters 1000 \
  --weight-decay 0.1 \
  --bf16
