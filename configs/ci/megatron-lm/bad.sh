#!/bin/bash
# The same model with a micro-batch that does not fit, a rate that is far too high and too few tokens.
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
  --micro-batch-size 16 \
  --global-batch-size 128 \
  --train-iters 2500 \
  --lr 6e-2 \
  --min-lr 6e-3 \
  --lr-decay-style cosine \
  --lr-warmup-iters 100 \
  --weight-decay 0.1 \
  --bf16
