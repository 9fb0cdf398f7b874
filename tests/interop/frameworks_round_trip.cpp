#include <catch2/catch.hpp>

#include "interop/frameworks_support.hpp"
#include "scaleplan/model/catalogue.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;
using model::Proposal;

namespace {

struct Case {
  std::string name;
  Proposal proposal;
};

Proposal changed(void (*change)(Proposal&)) {
  Proposal p = dense_proposal();
  change(p);
  return p;
}

std::vector<Case> megatron_cases() {
  return {
      {"dense", dense_proposal()},
      {"pipeline", changed([](Proposal& p) {
         p.layout = model::Layout{.tp = 2,
                                  .pp = 4,
                                  .dp = 8,
                                  .zero = 1,
                                  .micro_batch = 1,
                                  .interleave = 4,
                                  .recompute = model::Recompute::selective,
                                  .sequence_parallel = true};
       })},
      {"fsdp", changed([](Proposal& p) {
         p.layout = model::Layout{.dp = 64, .zero = 3, .micro_batch = 1, .recompute = model::Recompute::full};
       })},
      {"context, states in groups", changed([](Proposal& p) {
         p.layout = model::Layout{.tp = 2, .cp = 4, .dp = 8, .zero = 1, .zero_group = 16};
         p.schedule = model::Schedule{"wsd", 0, std::nullopt, 0.2};
       })},
      {"fp8", changed([](Proposal& p) {
         p.precision = "fp8";
         p.optimizer = "muon";
         p.schedule->kind = "constant";
         p.schedule->final_fraction.reset();
       })},
      {"experts", changed([](Proposal& p) {
         p.shape->experts = model::Experts{.experts = 64,
                                           .per_token = 6,
                                           .expert_ffn = 1408,
                                           .shared_ffn = 2816,
                                           .dense_layers = 1,
                                           .router_bias = true};
         p.layout = model::Layout{.tp = 1, .pp = 2, .ep = 8, .dp = 32, .zero = 1};
       })},
      {"latent attention", changed([](Proposal& p) {
         p.shape->latent = model::Latent{
             .kv_rank = 512, .q_rank = 1536, .nope_size = 128, .rope_size = 64, .value_size = 128};
         p.shape->kv_heads = 32;
         p.shape->head_size = 192;
       })},
      {"GPT-3 like, without schedule", changed([](Proposal& p) {
         p.shape = model::Shape{.layers = 96,
                                .hidden = 12288,
                                .heads = 96,
                                .kv_heads = 96,
                                .head_size = 128,
                                .ffn = 49152,
                                .vocabulary = 50257,
                                .positions = 2048,
                                .gated = false,
                                .tied = true,
                                .qkv_bias = true,
                                .output_bias = true,
                                .ffn_bias = true,
                                .norm = model::Norm::layer};
         p.sequence_length = 2048;
         p.batch_tokens = 1536 * 2048;
         p.tokens = 95368.0 * 1536 * 2048;
         p.schedule.reset();
         p.weight_decay.reset();
         p.optimizer.reset();
       })},
      {"windows and normalised queries", changed([](Proposal& p) {
         p.shape->window = 128;
         p.shape->window_layers = 16;
         p.shape->qk_norm = model::QkNorm::head;
         p.shape->qkv_bias = true;
       })},
  };
}

std::vector<Case> torchtitan_cases() {
  auto fsdp = [](Proposal& p) {
    p.layout = model::Layout{.dp = 64, .zero = 3, .micro_batch = 1, .recompute = model::Recompute::full};
  };
  std::vector<Case> cases{
      {"published flavor", changed([](Proposal&) {})},
      {"own flavor", changed([](Proposal& p) { p.shape->layers = 30; })},
      {"narrow own flavor", changed([](Proposal& p) { p.shape->ffn = 5000; })},
      {"groups of states", changed([](Proposal& p) {
         p.schedule = model::Schedule{"wsd", 0, 0.0, 0.2};
       })},
      {"fp8", changed([](Proposal& p) {
         p.precision = "fp8";
         p.schedule = model::Schedule{"linear", 0, std::nullopt, std::nullopt};
       })},
      {"pipeline", changed([](Proposal& p) { p.schedule.reset(); })},
      {"replicas", changed([](Proposal& p) {
         p.schedule = model::Schedule{"constant", 0, std::nullopt, std::nullopt};
       })},
      {"mixture",
       changed([](Proposal& p) { p.shape = model::find_model(json::Catalogue(), "qwen3-30b-a3b")->shape; })},
  };
  for (Case& each : cases) fsdp(each.proposal);
  cases[3].proposal.layout = model::Layout{.tp = 2,
                                           .cp = 4,
                                           .dp = 8,
                                           .zero = 3,
                                           .zero_group = 16,
                                           .micro_batch = 2,
                                           .recompute = model::Recompute::operators,
                                           .sequence_parallel = true};
  cases[5].proposal.layout = model::Layout{
      .tp = 2, .pp = 4, .dp = 8, .zero = 2, .micro_batch = 2, .interleave = 4, .sequence_parallel = true};
  cases[6].proposal.layout = model::Layout{.dp = 64, .micro_batch = 4};
  cases[7].proposal.layout = model::Layout{.ep = 8, .dp = 64, .zero = 3};
  return cases;
}

std::vector<Case> nemo_cases() {
  std::vector<Case> cases = megatron_cases();
  std::erase_if(cases, [](const Case& each) {
    return each.name == "context, states in groups" || each.name == "experts" ||
           each.name == "latent attention" || each.name == "windows and normalised queries";
  });
  for (Case& each : cases) {
    if (each.proposal.optimizer != "adamw") each.proposal.optimizer = "adamw";  // NeMo always says one
  }
  cases.push_back({"experts", changed([](Proposal& p) {
                     p.shape->experts = model::Experts{.experts = 8, .per_token = 2, .expert_ffn = 14336};
                     p.layout = model::Layout{
                         .tp = 2, .cp = 2, .ep = 4, .dp = 16, .zero = 1, .sequence_parallel = true};
                     p.schedule = model::Schedule{"linear", 0, std::nullopt, std::nullopt};
                   })});
  return cases;
}

std::vector<Case> deepspeed_cases() {
  return {{"ZeRO-3 in groups", changed([](Proposal& p) {
             p.layout = model::Layout{
                 .dp = 64, .zero = 3, .zero_group = 8, .micro_batch = 2, .recompute = model::Recompute::full};
           })},
          {"ZeRO-1, tensors and contexts", changed([](Proposal& p) {
             p.layout = model::Layout{.tp = 2, .cp = 2, .dp = 16, .zero = 1, .micro_batch = 1};
             p.schedule = model::Schedule{"linear", 100.0 * 512 * 8192, std::nullopt, std::nullopt};
             p.precision = "fp16";
             p.cluster.reset();
           })},
          {"constant", changed([](Proposal& p) {
             p.layout = model::Layout{.dp = 64, .zero = 2};
             p.schedule = model::Schedule{"constant", 100.0 * 512 * 8192, std::nullopt, std::nullopt};
             p.optimizer = "muon";
           })},
          {"no schedule, GPT-2 like", changed([](Proposal& p) {
             p.shape = model::Shape{.layers = 12,
                                    .hidden = 768,
                                    .heads = 12,
                                    .kv_heads = 12,
                                    .head_size = 64,
                                    .ffn = 3072,
                                    .vocabulary = 50257,
                                    .positions = 1024,
                                    .gated = false,
                                    .tied = true,
                                    .qkv_bias = true,
                                    .output_bias = true,
                                    .ffn_bias = true,
                                    .norm = model::Norm::layer};
             p.layout = model::Layout{.dp = 64};
             p.schedule.reset();
             p.weight_decay.reset();
           })}};
}

std::vector<Case> accelerate_cases() {
  return {
      {"FSDP", changed([](Proposal& p) {
         p.layout = model::Layout{.dp = 64, .zero = 3, .micro_batch = 2, .recompute = model::Recompute::full};
       })},
      {"groups, tensors and contexts", changed([](Proposal& p) {
         p.layout = model::Layout{.tp = 2, .cp = 2, .dp = 16, .zero = 2, .zero_group = 8, .micro_batch = 1};
         p.schedule = model::Schedule{"wsd", 100.0 * 512 * 8192, 0.05, 0.2};
       })},
      {"replicas", changed([](Proposal& p) {
         p.layout = model::Layout{.dp = 64, .micro_batch = 4, .recompute = model::Recompute::full};
         p.schedule = model::Schedule{"constant", 100.0 * 512 * 8192, std::nullopt, std::nullopt};
         p.optimizer = "adafactor";
         p.precision = "fp16";
       })},
      {"mixture", changed([](Proposal& p) {
         p.shape = model::find_model(json::Catalogue(), "qwen3-30b-a3b")->shape;
         p.layout = model::Layout{.dp = 64, .zero = 3};
         p.schedule = model::Schedule{"linear", 0, std::nullopt, std::nullopt};
         p.weight_decay.reset();
       })}};
}

void check_round_trips(const std::vector<Case>& cases, const std::string& framework,
                       const std::string& engine) {
  for (const Case& each : cases) {
    INFO(each.name << "\n" << written(each.proposal, framework).front().text);
    const Proposal again = round_trip(each.proposal, framework);
    CHECK(said(again) == said(each.proposal));
    CHECK(again.origin == framework);
    if (!engine.empty()) CHECK(again.engine == engine);
    CHECK(again.notices.empty());
    CHECK(by_name(written(again, framework)) == by_name(written(round_trip(again, framework), framework)));
  }
}

}  // namespace

TEST_CASE("what is written for Megatron-LM reads back as the same proposal") {
  check_round_trips(megatron_cases(), "megatron-lm", "megatron");
}

TEST_CASE("what is written for torchtitan reads back as the same proposal") {
  check_round_trips(torchtitan_cases(), "torchtitan", "fsdp");
}

TEST_CASE("what is written for NeMo reads back as the same proposal") {
  check_round_trips(nemo_cases(), "nemo", "megatron");
}

TEST_CASE("what is written for DeepSpeed reads back as the same proposal") {
  check_round_trips(deepspeed_cases(), "deepspeed", "");
}

TEST_CASE("what is written for accelerate reads back as the same proposal") {
  check_round_trips(accelerate_cases(), "accelerate", "fsdp");
}

TEST_CASE("what a framework cannot be told is named") {
  CHECK_THAT(unwritable(changed([](Proposal& p) { p.shape->sinks = true; }), "megatron-lm"),
             Catch::Contains("Megatron-LM: cannot be told shape.sinks"));
  CHECK_THAT(unwritable(changed([](Proposal& p) { p.optimizer = "adafactor"; }), "megatron-lm"),
             Catch::Contains("no optimizer adafactor"));
  CHECK_THAT(unwritable(changed([](Proposal& p) { p.layout->recompute = model::Recompute::operators; }),
                        "megatron-lm"),
             Catch::Contains("layout.recompute operators"));
  CHECK_THAT(unwritable(changed([](Proposal& p) { p.layout.reset(); }), "megatron-lm"),
             Catch::Contains("does not say layout"));
  CHECK_THAT(unwritable(changed([](Proposal& p) { p.batch_tokens = 100; }), "megatron-lm"),
             Catch::Contains("no whole number of sequences"));
  CHECK_THAT(unwritable(dense_proposal(), "megatronlm"), Catch::Contains("megatron-lm"));
}

TEST_CASE("tokens become whole steps, and the file says so") {
  const Proposal p = changed([](Proposal& q) { *q.tokens += 1; });
  CHECK(round_trip(p, "megatron-lm").tokens == 100001.0 * 512 * 8192);
  CHECK_THAT(written(p, "megatron-lm").front().text, Catch::Contains("rounded up from 419430400001"));
}
