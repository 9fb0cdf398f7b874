#include <catch2/catch.hpp>

#include "interop/frameworks_support.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;
using model::Proposal;

namespace {

// The keys of torchtitan's own preset for Llama 3 70B that matter here.
const char* const titan = R"([job]
dump_folder = "./outputs"

[model]
name = "llama3"
flavor = "70B"
hf_assets_path = "./assets/hf/Llama-3.1-70B"

[optimizer]
name = "AdamW"
lr = 1.5e-4

[lr_scheduler]
warmup_steps = 200

[training]
local_batch_size = 8
seq_len = 8192
steps = 1000

[parallelism]
data_parallel_shard_degree = -1
tensor_parallel_degree = 8

[activation_checkpoint]
mode = "full"

[compile]
enable = true

[mystery]
knob = 1
)";

}  // namespace

TEST_CASE("a preset of torchtitan is read") {
  const Proposal p = proposed(titan, "llama3_70b.toml");
  CHECK(p.origin == "torchtitan");
  CHECK(model::count_parameters(*p.shape).total == 70553706496);  // as published
  CHECK(p.open_replicas);
  CHECK_FALSE(p.batch_tokens);  // depends on the replicas
  CHECK(p.layout->zero == 3);
  CHECK(p.layout->recompute == model::Recompute::full);
  CHECK(p.layout->sequence_parallel);
  CHECK(p.learning_rate == 1.5e-4);
  CHECK(p.schedule->kind == "linear");
  CHECK(p.place_of("layout.tp").line == 23);
  CHECK(p.place_of("learning_rate").column == 1);
  CHECK(p.assumed.contains("weight_decay"));
  REQUIRE(p.notices.size() == 2);
  CHECK(p.notices[0].place.line == 29);
  CHECK_THAT(p.notices[1].text, Catch::Contains("mystery.knob"));
  CHECK(model::on_devices(p, 64)->layout->dp == 8);
  CHECK_THAT(told(model::on_devices(p, 60).errors()), Catch::Contains("not a multiple"));
}

TEST_CASE("TOML that is broken, old or contradictory") {
  CHECK_THAT(refused("[training]\nbatch_size = 8\n[model]\n", "t.toml"),
             Catch::Contains("t.toml:2:1") && Catch::Contains("before v0.2.0"));
  CHECK_THAT(refused("[training]\nsteps = 1\nsteps = 2\n[model]\n", "t.toml"), Catch::Contains("t.toml:3"));
  CHECK_THAT(refused("[training]\nsteps = \n[model]\n", "t.toml"), Catch::Contains("no TOML"));
  CHECK_THAT(refused("[training]\nsteps = \"many\"\n[model]\n[parallelism]\ndata_parallel_shard_degree = 8\n",
                     "t.toml"),
             Catch::Contains("training.steps must be a whole number"));
  CHECK_THAT(refused("[training]\nx = " + std::string(100000, '[') + "\n[model]\n", "t.toml"),
             Catch::Contains("no TOML"));
  CHECK_THAT(
      refused(
          "[training]\n[model]\n[parallelism]\ntensor_parallel_degree = 0\ndata_parallel_shard_degree = 8\n",
          "t.toml"),
      Catch::Contains("t.toml:4") && Catch::Contains("layout.tp"));
}

TEST_CASE("a DeepSpeed configuration is read with the model beside it") {
  const char* const ds = R"({
  "train_batch_size": 256, "train_micro_batch_size_per_gpu": 2, "gradient_accumulation_steps": 4,
  "optimizer": {"type": "AdamW", "params": {"lr": 3e-4, "betas": [0.9, 0.95], "weight_decay": 0.1}},
  "scheduler": {"type": "WarmupDecayLR", "params": {"warmup_max_lr": 3e-4, "warmup_num_steps": 100, "total_num_steps": 1000}},
  "bf16": {"enabled": true}, "fp16": {"enabled": false}, "gradient_clipping": 1.0,
  "zero_optimization": {"stage": 3, "overlap_comm": true, "offload_optimizer": {"device": "cpu", "pin_memory": true}}
})";
  const char* const config =
      R"({"model_type":"llama","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
    "num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"max_position_embeddings":4096})";
  const Proposal p = proposed(ds, "conf/ds.json", "", {{"config.json", config}});
  CHECK(p.origin == "deepspeed");
  CHECK(p.engine == "deepspeed-zero3");
  CHECK(p.devices == 32);
  CHECK(p.layout->dp == 32);
  CHECK(p.sequence_length == 4096);
  CHECK(p.assumed.contains("sequence_length"));
  CHECK(p.tokens == 1000.0 * 256 * 4096);
  CHECK(p.schedule->kind == "linear");
  CHECK(p.place_of("layout.zero").line == 6);
  REQUIRE(p.notices.size() == 2);
  CHECK_THAT(p.notices[0].text, Catch::Contains("offload_optimizer.device"));
  const Proposal alone = proposed(ds, "ds.json");
  CHECK_FALSE(alone.shape);
  CHECK_THAT(alone.notices[0].text, Catch::Contains("config.json cannot be read"));
  CHECK_THAT(
      refused(
          R"({"train_batch_size": 10, "train_micro_batch_size_per_gpu": 3, "gradient_accumulation_steps": 1})",
          "d"),
      Catch::Contains("no multiple"));
  CHECK_THAT(refused(R"({"train_batch_size": 1, "fp16": {"enabled": true},
 "bf16": {"enabled": true}})",
                     "d"),
             Catch::Contains("fp16 beside bf16 in line 2"));
  CHECK_THAT(refused(R"({"train_batch_size": 1, "zero_optimization": {"stage": 7}})", "d"),
             Catch::Contains("0 to 3"));
  const Proposal automatic =
      proposed(R"({"train_batch_size": "auto", "zero_optimization": {"stage": 2}})", "d");
  CHECK(automatic.open_replicas);
  CHECK_FALSE(automatic.batch_tokens);
}

TEST_CASE("YAML of NeMo, with references") {
  const char* const nemo = R"(name: megatron_gpt
trainer:
  devices: 8
  num_nodes: 4
  precision: bf16
  max_steps: 1000
model:
  micro_batch_size: 4
  global_batch_size: 256
  tensor_model_parallel_size: 2
  virtual_pipeline_model_parallel_size: null
  encoder_seq_length: 4096
  max_position_embeddings: ${.encoder_seq_length}
  position_embedding_type: learned_absolute
  num_layers: 24
  hidden_size: 2048
  ffn_hidden_size: 8192
  num_attention_heads: 16
  override_vocab_size: 50304
  activation: gelu
  share_embeddings_and_output_weights: True
  cpu_offloading: True
  optim:
    name: distributed_fused_adam
    lr: 2e-4
    weight_decay: 0.01
    sched:
      name: CosineAnnealing
      warmup_steps: 500
      min_lr: 2e-5
)";
  const Proposal p = proposed(nemo, "config.yaml");
  CHECK(p.origin == "nemo");
  CHECK(p.devices == 32);
  CHECK(p.layout->dp == 16);
  CHECK(p.layout->zero == 1);
  CHECK(p.shape->positions == 4096);
  CHECK(p.shape->tied);
  CHECK(p.shape->qkv_bias);
  CHECK(p.tokens == 1000.0 * 256 * 4096);
  CHECK(p.schedule->final_fraction == Approx(0.1));
  CHECK(p.place_of("layout.tp").line == 10);
  REQUIRE(p.notices.size() == 1);
  CHECK_THAT(p.notices[0].text, Catch::Contains("model.cpu_offloading"));
  CHECK(p.notices[0].place.line == 22);
}

TEST_CASE("YAML of accelerate alone says how a run is cut") {
  const char* const hsdp = R"(compute_environment: LOCAL_MACHINE
distributed_type: FSDP
fsdp_config:
  fsdp_activation_checkpointing: false
  fsdp_reshard_after_forward: true
  fsdp_version: 2
mixed_precision: bf16
num_machines: 1
num_processes: 8
parallelism_config:
  parallelism_config_dp_replicate_size: 2
  parallelism_config_dp_shard_size: 2
  parallelism_config_tp_size: 2
tpu_env: []
)";
  const Proposal p = proposed(hsdp, "accelerate.yaml");
  CHECK(p.origin == "accelerate");
  CHECK(p.devices == 8);
  CHECK(p.layout->tp == 2);
  CHECK(p.layout->dp == 4);
  CHECK(p.layout->zero == 3);
  CHECK(p.layout->zero_group == 2);
  CHECK_FALSE(p.shape);
  CHECK_FALSE(p.tokens);
  CHECK(p.notices.empty());
  CHECK_THAT(refused("distributed_type: DEEPSPEED\nnum_processes: 2\n", "a.yaml"),
             Catch::Contains("deepspeed_config_file"));
  CHECK_THAT(refused("accelerate launch --config_file gone.yaml run_clm.py\n", "t.sh"),
             Catch::Contains("t.sh:1:") && Catch::Contains("gone.yaml"));
}
