#include "scaleplan/interop/proposal.hpp"

#include <catch2/catch.hpp>

#include "interop/proposal_document.hpp"
#include "interop/proposal_support.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;
using model::Proposal;

namespace {

const char* const full = R"({
  "schema": "scaleplan/proposal/1", "name": "llama-70b-take3",
  "model": {"config": "config.json"},
  "tokens": "8T", "batch_tokens": 8388608, "sequence_length": 8192, "learning_rate": 1.5e-4,
  "schedule": {"kind": "cosine", "warmup_tokens": "8B", "final_fraction": 0.1},
  "weight_decay": 0.1, "optimizer": "adamw", "precision": "bf16",
  "cluster": "dgx-h100", "devices": 2048,
  "layout": {"tp": 8, "pp": 4, "cp": 1, "ep": 1, "dp": 64, "zero": 1, "micro_batch": 1, "interleave": 5,
             "recompute": "selective", "sequence_parallel": true},
  "deployment": {"device": "h200-sxm", "tp": 8, "replicas": 40, "precision": "fp8"} })";

const char* const config = R"({"model_type":"llama","num_hidden_layers":80,"hidden_size":8192,
  "num_attention_heads":64,"num_key_value_heads":8,"intermediate_size":28672,"vocab_size":128256})";

}  // namespace

TEST_CASE("a proposal document is read with the model of its config.json") {
  const Proposal p = proposed(full, "take3.json", "", {{"config.json", config}});
  CHECK(p.origin == "proposal");
  CHECK(p.file == "take3.json");
  CHECK(p.name == "llama-70b-take3");
  REQUIRE(p.shape);
  CHECK(model::count_parameters(*p.shape).total == 70553706496);  // of the published Llama 3 70B
  CHECK(p.tokens == 8e12);
  CHECK(p.batch_tokens == 8388608);
  CHECK(p.schedule->warmup_tokens == 8e9);
  CHECK(p.schedule->final_fraction == 0.1);
  CHECK(p.layout->devices() == 2048);
  CHECK(p.layout->recompute == model::Recompute::selective);
  CHECK(p.deployment->weight_precision == "fp8");
  CHECK(p.place_of("layout.tp").line == 8);
  CHECK(p.place_of("layout.tp").column == 20);
  CHECK(p.place_of("layout.tp").pointer == "/layout/tp");
  CHECK(p.place_of("shape.layers").line == 3);
  CHECK(p.place_of("learning_rate").line == 4);
  CHECK(p.place_of("engine").line == 0);
}

TEST_CASE("a written proposal reads back as itself") {
  const Proposal p = proposed(full, "take3.json", "", {{"config.json", config}});
  const json::Value value = proposal_to_json(p);
  const Proposal again = proposed(json::write(value), "again.json");
  CHECK(json::write(proposal_to_json(again)) == json::write(value));
}

TEST_CASE("models of a proposal: an id, a path, a shape") {
  auto with = [](const std::string& model) {
    return R"({"schema":"scaleplan/proposal/1","model":)" + model + "}";
  };
  CHECK(model::count_parameters(*proposed(with(R"("llama-3-8b")"), "p").shape).total == 8030261248);
  const Proposal inline_shape =
      proposed(with(R"({"layers":2,"hidden":64,"heads":4,"ffn":256,"vocabulary":10})"), "p");
  CHECK(inline_shape.shape->kv_heads == 4);
  CHECK(inline_shape.place_of("shape.hidden").column == 63);
  CHECK(proposed(with(R"("m/config.json")"), "p", "", {{"m/config.json", config}}).shape->layers == 80);
  CHECK_THAT(refused(with(R"("lama-3-8b")"), "p"),
             Catch::Contains("p:1:42: /model") && Catch::Contains("llama-3-8b"));
  CHECK_THAT(refused(with(R"({"config":"gone.json"})"), "p"), Catch::Contains("/model/config: no gone.json"));
  CHECK_THAT(refused(with(R"({"config":"c.json"})"), "p", "", {{"c.json", R"({"model_type":"lama"})"}}),
             Catch::Contains("c.json:1:") && Catch::Contains("lama"));
  CHECK_THAT(refused(with("7"), "p"), Catch::Contains("expected a model"));
}

TEST_CASE("replicas that a layout leaves out are what the devices leave") {
  auto with = [](const std::string& rest) { return R"({"schema":"scaleplan/proposal/1",)" + rest + "}"; };
  CHECK(proposed(with(R"("devices":64,"layout":{"tp":8,"pp":2})"), "p").layout->dp == 4);
  CHECK(proposed(with(R"("layout":{"tp":8,"dp":2})"), "p").devices == 16);
  CHECK_THAT(refused(with(R"("layout":{"tp":8})"), "p"), Catch::Contains("add one of them"));
  CHECK_THAT(refused(with(R"("devices":12,"layout":{"tp":8})"), "p"), Catch::Contains("not a multiple"));
  CHECK_THAT(refused(with(R"("devices":12,"layout":{"tp":8,"dp":4})"), "p"), Catch::Contains("= 32"));
  CHECK_THAT(refused(with(R"("layout":{"tp":1048576,"pp":1048576,"dp":1048576})"), "p"),
             Catch::Contains("2^31"));
}

TEST_CASE("a plan is read by its decision") {
  const char* const plan = R"({"schema":"scaleplan/plan/1","name":"n","status":"optimal","extra":1,
    "decision":{"params":9,"shape":{"layers":2,"hidden":64,"heads":4,"kv_heads":4,"head_size":16,"ffn":256,
      "vocabulary":10,"aspect":32,"gated":true,"tied":false},"tokens":1000,"sequence_length":10,
      "batch_tokens":100,"learning_rate":0.001,"steps":10,"precision":null,"devices":8,"cluster":"dgx-h100",
      "layout":{"text":"","tp":2,"pp":1,"dp":2,"cp":2,"ep":1,"zero":1,"zero_group":4,"micro_batch":1,
                "interleave":1,"recompute":"none","sequence_parallel":false},"deployment":null}})";
  const Proposal p = proposed(plan, "plan.json");
  CHECK(p.origin == "plan");
  CHECK(p.name == "n");
  CHECK(p.shape->hidden == 64);
  CHECK(p.tokens == 1000);
  CHECK_FALSE(p.precision);
  CHECK(p.layout->zero_group == 0);
  CHECK(p.place_of("layout.cp").line == 5);
  CHECK_THAT(refused(R"({"schema":"scaleplan/plan/1","status":"infeasible","decision":null})", "plan.json"),
             Catch::Contains("infeasible") && Catch::Contains("/decision"));
}

TEST_CASE("what is no proposal is refused with place and remedy") {
  CHECK_THAT(refused(R"({"schema":"scaleplan/proposal/2"})", "p"), Catch::Contains("/schema"));
  CHECK_THAT(refused(R"({"schema":"scaleplan/scenario/1"})", "p"), Catch::Contains("scenario"));
  CHECK_THAT(refused(R"({"schema":"scaleplan/proposal/1","token":1,"tokens":-1,"learning_rate":"x"})", "p"),
             Catch::Contains("unknown key \"token\"") && Catch::Contains("/tokens: must be greater than 0") &&
                 Catch::Contains("/learning_rate"));
  CHECK_THAT(refused(R"({"schema":"scaleplan/proposal/1","tokens":1,"tokens":2})", "p"),
             Catch::Contains("tokens"));
  CHECK_THAT(refused(R"({"schema":"scaleplan/proposal/1","batch_tokens":1.5})", "p"),
             Catch::Contains("whole number"));
  CHECK_THAT(refused(R"({"schema":"scaleplan/proposal/1","layout":7})", "p"), Catch::Contains("/layout"));
  CHECK_THAT(
      refused(R"({"schema":"scaleplan/proposal/1","schedule":{"kind":"cosine","cooldown_fraction":0.1}})",
              "p"),
      Catch::Contains("no cooldown"));
  CHECK_THAT(refused("", "p"), Catch::Contains("empty"));
  CHECK_THAT(refused("\xef\xbb\xbf \r\n", "p"), Catch::Contains("empty"));
  CHECK_THAT(refused(std::string("{\"schema\"\0:1}", 13), "p"), Catch::Contains("p:1"));
  CHECK_THAT(refused("\xff\xfe{", "p"), Catch::Contains("p:1"));
  CHECK_THAT(refused("{\"schema\": \"\xc3\x28\"}", "p"), Catch::Contains("UTF-8"));
  CHECK_THAT(refused(std::string(100U << 20U, ' '), "p"), Catch::Contains("at most 32 MiB"));
  CHECK_THAT(refused(std::string(100000, '['), "p"), Catch::Contains("p:1"));
  CHECK_THAT(refused("{\"a\":" + std::string(100000, '[') + "}", "p"), Catch::Contains("p:1:"));
  CHECK_THAT(refused("a b c", "p"), Catch::Contains("neither a proposal"));
  CHECK_THAT(refused("{}", "p", "megatron"), Catch::Contains("no framework is called \"megatron\""));
}
