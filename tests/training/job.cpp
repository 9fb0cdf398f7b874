#include <catch2/catch.hpp>

#include "scaleplan/json/document.hpp"
#include "training/jobs.hpp"

using namespace scaleplan;
using namespace scaleplan::training;

TEST_CASE("names of a job read back, and a wrong one finds its neighbour") {
  for (const Engine engine : {Engine::megatron, Engine::megatron_2021, Engine::megatron_deepspeed,
                              Engine::fsdp, Engine::deepspeed_zero3, Engine::xla}) {
    CHECK(*find_engine(engine_name(engine)) == engine);
  }
  CHECK(*find_precision("fp8") == Precision::fp8);
  CHECK(*find_schedule("zero-bubble") == Schedule::zero_bubble);
  CHECK(*find_context_exchange("all-to-all") == ContextExchange::all_to_all);
  CHECK(*find_optimizer("muon") == Optimizer::muon);
  const auto wrong = find_attention("flash-2");
  REQUIRE(!wrong);
  CHECK(to_text(wrong.errors().front()).find("flash2") != std::string::npos);
}

TEST_CASE("a job that no layout can mend says why") {
  Job j = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 8), 8, 2048);
  CHECK(defect(j).empty());
  j.precision = Precision::fp8;
  CHECK(defect(j) == "device a100-sxm-80 has no fp8 peak");
  j.precision = Precision::bf16;
  j.global_batch = 0;
  CHECK(!defect(j).empty());
}

TEST_CASE("a calibration without a constant is refused with its place") {
  const auto shipped = default_efficiency(json::Catalogue());
  REQUIRE(shipped);
  json::Value document;
  document.set("schema", "scaleplan/calibration/1");
  document.set("kind", "training");
  document.set("training", to_json(*shipped));
  const auto again = read_efficiency(*json::parse(json::write(document), "own.json"));
  REQUIRE(again);
  CHECK(again->factor("nic") == Approx(shipped->factor("nic")));
  CHECK(again->between_sources == Approx(shipped->between_sources));
  CHECK_THROWS_AS(again->factor("no such"), std::logic_error);
  document.object().back().second.set("factors", json::Value(json::Object{}));
  const auto refused = read_efficiency(*json::parse(json::write(document), "own.json"));
  REQUIRE(!refused);
  CHECK(to_text(refused.errors().front()).find("/training/factors") != std::string::npos);
  document.set("kind", "serving");
  const auto other = read_efficiency(*json::parse(json::write(document), "own.json"));
  REQUIRE(!other);
  CHECK(to_text(other.errors().front()).find("says nothing about training") != std::string::npos);
}
