#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "interop/frameworks_support.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;
using model::Proposal;

namespace {

// In the manner of the example scripts of Megatron-LM: variables, arrays, torchrun.
const char* const script = R"sh(#!/bin/bash
GPUS_PER_NODE=8
NUM_NODES=${NNODES:-2}
WORLD_SIZE=$(($GPUS_PER_NODE*$NUM_NODES))
TP=2; SEQ=8192

DISTRIBUTED_ARGS=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes $NUM_NODES
    --master_addr $MASTER_ADDR
)
MODEL_ARGS=(
    --num-layers 32   # as published
    --hidden-size 4096 --ffn-hidden-size 14336
    --num-attention-heads 32
    --group-query-attention --num-query-groups 8 --kv-channels 128
    --seq-length $SEQ --max-position-embeddings ${SEQ}
    --position-embedding-type rope --swiglu --normalization RMSNorm
    --untie-embeddings-and-output-weights --disable-bias-linear
    --vocab-size 128256
)
TRAINING_ARGS="--micro-batch-size 1 --global-batch-size 128 \
    --train-samples 1280000 --lr 0.00015 --min-lr 0.000015 --lr-warmup-samples 12800 \
    --lr-decay-style cosine --weight-decay 0.1 --bf16"
torchrun ${DISTRIBUTED_ARGS[@]} pretrain_gpt.py ${MODEL_ARGS[@]} $TRAINING_ARGS \
    --tensor-model-parallel-size $TP --sequence-parallel "--fp8-format hybrid" \
    --use-distributed-optimizer --split '99,1,0' --optimizer-cpu-offload
)sh";

std::string with(const std::string& more) {
  return std::string(script) + "\npython x.py " + more + "\n";
}

}  // namespace

TEST_CASE("a script for Megatron-LM is read with its variables") {
  const Proposal p = proposed(script, "train.sh");
  CHECK(p.origin == "megatron-lm");
  CHECK(model::count_parameters(*p.shape).total == 8030261248);  // Llama 3 8B as published
  CHECK(p.devices == 16);
  CHECK(p.layout->dp == 8);
  CHECK(p.layout->zero == 1);
  CHECK(p.layout->sequence_parallel);
  CHECK(p.batch_tokens == 128 * 8192);
  CHECK(p.tokens == 1280000.0 * 8192);
  CHECK(p.schedule->kind == "cosine");
  CHECK(p.schedule->warmup_tokens == 12800.0 * 8192);
  CHECK(p.schedule->final_fraction == Approx(0.1));
  CHECK(p.precision == "fp8");
  CHECK(p.place_of("layout.tp").line == 26);
  CHECK(p.place_of("shape.layers").line == 13);
  CHECK(p.place_of("shape.layers").column == 5);
  CHECK(p.place_of("learning_rate").line == 23);
  CHECK(p.place_of("shape.ffn").column == 24);
  CHECK(p.assumed.at("optimizer") == "Megatron-LM's default of optimizer");
  REQUIRE(p.notices.size() == 1);
  CHECK_THAT(p.notices[0].text, Catch::Contains("optimizer-cpu-offload"));
  CHECK(p.notices[0].place.line == 27);
}

TEST_CASE("flags that contradict each other are refused with both lines") {
  CHECK_THAT(refused(with("--num-layers 31"), "t.sh"),
             Catch::Contains("t.sh:29:") && Catch::Contains("line 13"));
  CHECK_THAT(refused(with("--fp16"), "t.sh"), Catch::Contains("beside bf16 in line 24"));
  CHECK_THAT(refused(with("--train-iters 5"), "t.sh"), Catch::Contains("beside train-iters"));
  CHECK(proposed(with("--num-layers 32"), "t.sh").shape->layers == 32);
}

TEST_CASE("flags of versions that are not read are refused by name") {
  CHECK_THAT(refused(with("--model-parallel-size 2"), "t.sh"),
             Catch::Contains("before 2.0") && Catch::Contains("core_v0.14 to core_v0.19"));
  CHECK_THAT(refused(with("--deepspeed"), "t.sh"), Catch::Contains("Megatron-DeepSpeed"));
}

TEST_CASE("what a launcher starts is no value of its last option") {
  const Proposal p = proposed(
      "torchrun --nproc_per_node 8 --nnodes 2 pretrain_gpt.py --num-layers 2 --hidden-size 64 "
      "--num-attention-heads 4 --seq-length 8 --vocab-size 16",
      "t.sh");
  CHECK(p.devices == 16);
}

TEST_CASE("values that the script does not hold") {
  const std::string open =
      "pretrain_gpt.py --num-layers $L --hidden-size 64 --num-attention-heads 4 --seq-length 8 "
      "--vocab-size 16 --nnodes $SLURM_NNODES --nproc-per-node 8";
  CHECK_THAT(refused(open, "t.sh"), Catch::Contains("num-layers is $L, which this file does not set"));
  const Proposal p = proposed("L=2\n" + open, "t.sh");
  CHECK_FALSE(p.devices);
  CHECK(p.open_replicas);
  CHECK(model::on_devices(p, 64)->layout->dp == 64);
  CHECK(model::on_devices(p, 64)->devices == 64);
  CHECK_THAT(refused("pretrain_gpt.py --num-layers 2", "t.sh"),
             Catch::Contains("--vocab-size is not said") && Catch::Contains("--hidden-size"));
  CHECK_THAT(refused("pretrain_gpt.py --num-layers two", "t.sh"),
             Catch::Contains("num-layers must be a number, got two"));
}

TEST_CASE("YAML for Megatron-LM: lists of flags and configurations in sections") {
  const char* const flags = R"(ENV_VARS:
  CUDA_DEVICE_MAX_CONNECTIONS: 1
MODEL_ARGS:
  --tensor-model-parallel-size: 8
  --use-distributed-optimizer: true
  --micro-batch-size: 4
  --num-layers: 32
  --hidden-size: 6144
  --num-attention-heads: 48
  --group-query-attention: true
  --num-query-groups: 8
  --squared-relu: true
  --seq-length: 4096
  --max-position-embeddings: 4096
  --position-embedding-type: rope
  --vocab-size: 256000
  --untie-embeddings-and-output-weights: true
  --disable-bias-linear: true
  --lr: 4.5e-4
  --bf16: true
)";
  const Proposal p = proposed(flags, "model_config.yaml");
  CHECK(p.layout->tp == 8);
  CHECK(p.open_replicas);
  CHECK_FALSE(p.shape->gated);
  CHECK(p.shape->ffn == 4 * 6144);
  CHECK(p.shape->norm == model::Norm::layer);
  CHECK(p.learning_rate == 4.5e-4);
  CHECK(p.place_of("layout.tp").line == 4);
  CHECK(p.place_of("layout.tp").column == 3);
  CHECK(p.notices.empty());

  const char* const sections = R"(language_model:
  num_layers: 24
  hidden_size: 1024
  num_attention_heads: 16
  ffn_hidden_size: null
  add_bias_linear: False
  activation_func: swiglu
  normalization: RMSNorm
model_parallel:
  tensor_model_parallel_size: 2
  sequence_parallel: True
micro_batch_size: 2
global_batch_size: 128
seq_length: 4096
vocab_size: 32000
bf16: True
lr: 0.00025
untie_embeddings_and_output_weights: False
)";
  const Proposal q = proposed(sections, "gpt_config.yaml");
  CHECK(q.shape->gated);
  CHECK(q.shape->ffn == 2688);  // 4·1024·2/3 in steps of 64
  CHECK(q.shape->tied);
  CHECK(q.layout->sequence_parallel);
  CHECK(q.assumed.contains("shape.ffn"));
  CHECK(q.place_of("shape.hidden").line == 3);
}

TEST_CASE("patterns of routed layers") {
  auto experts = [](const std::string& pattern) {
    return proposed(
               "pretrain_gpt.py --num-layers 8 --hidden-size 64 --num-attention-heads 4 --seq-length 8 "
               "--vocab-size 16 --num-experts 4 --moe-ffn-hidden-size 32 --moe-layer-freq '" +
                   pattern + "'",
               "t.sh")
        .shape->experts;
  };
  CHECK(experts("([0]*3+[1]*5)").dense_layers == 3);
  CHECK(experts("2").period == 2);
  CHECK(experts("[0,1]*4").period == 2);
  CHECK(experts("[0,1]*4").dense_layers == 0);
  CHECK(experts("1").per_token == 2);  // the default of moe-router-topk
  CHECK_THROWS(experts("[0,1,1]*2+[1,1]"));
  CHECK_THROWS(experts("3"));
}

TEST_CASE("hostile scripts and YAML end in an error") {
  CHECK_THAT(refused("pretrain_gpt.py " + std::string(2U << 20U, 'x'), "t.sh"), Catch::Contains("1 MiB"));
  std::string doubling = "A=x\n";
  for (int i = 0; i < 200; ++i) doubling += "A=$A$A\n";
  for (int i = 0; i < 2000; ++i) doubling += "echo \"$A\"\n";
  CHECK_THAT(refused(doubling + "pretrain_gpt.py --num-layers 2", "t.sh"),
             Catch::Contains("beyond all bounds"));
  for (const char* broken :
       {"pretrain_gpt.py ${", "pretrain_gpt.py $((", "pretrain_gpt.py \"", "pretrain_gpt.py `x",
        "pretrain_gpt.py '", "pretrain_gpt.py \\", "A=(pretrain_gpt.py", "A=$(( ((((1 pretrain_gpt.py"}) {
    CHECK_THAT(refused(broken, "t.sh"), Catch::Contains("--num-layers is not said"));
  }
  std::string bomb = "a: &a [x,x]\ntensor_model_parallel_size: 1\n";
  for (char c = 'b'; c < 'z'; ++c) {
    bomb += fmt::format("{0}: &{0} [[*{1},*{1}],[*{1},*{1}]]\n", c, static_cast<char>(c - 1));
  }
  CHECK_THAT(refused(bomb, "t.yaml"), Catch::Contains("100000 values"));
  CHECK_THAT(refused("tensor_model_parallel_size: 1\ntensor_model_parallel_size: 2\n", "t.yaml"),
             Catch::Contains("t.yaml:2:") && Catch::Contains("line 1"));
  CHECK_THAT(refused("tensor_model_parallel_size: " + std::string(100000, '['), "t.yaml"),
             Catch::Contains("t.yaml:1"));
  CHECK_THAT(refused("tensor_model_parallel_size:\n\t- 1", "t.yaml"), Catch::Contains("no YAML"));
  const std::string crlf =
      "\xef\xbb\xbfpretrain_gpt.py --num-layers 2 \\\r\n --hidden-size 64 --num-attention-heads 4 "
      "\\\r\n --seq-length 8 --vocab-size 16\r\n";
  CHECK(proposed(crlf, "t.sh").place_of("shape.vocabulary").line == 3);
}
