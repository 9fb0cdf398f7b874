#include <catch2/catch.hpp>

#include "interop/frameworks_support.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;
using model::Proposal;

namespace {

Proposal served(model::Deployment deployment) {
  Proposal p;
  p.name = "chat";
  p.file = "plan.json";
  p.deployment = std::move(deployment);
  return p;
}

}  // namespace

TEST_CASE("deployments are written for servers and read back") {
  const model::Deployment dense{.device = "h200-sxm",
                                .tp = 8,
                                .pp = 2,
                                .replicas = 40,
                                .weight_precision = "fp8",
                                .kv_precision = "fp8",
                                .batch = 64};
  const model::Deployment experts{.device = "h100-sxm-80", .tp = 8, .ep = 8, .replicas = 1, .batch = 128};
  for (const char* server : {"vllm", "sglang", "trtllm"}) {
    for (const model::Deployment& deployment : {dense, experts}) {
      const Proposal p = served(deployment);
      INFO(written(p, server).front().text);
      const Proposal again = round_trip(p, server);
      CHECK(json::write(proposal_to_json(again)) == json::write(proposal_to_json(p)));
      CHECK(again.origin == server);
      CHECK(again.notices.empty());
    }
  }
}

TEST_CASE("what servers cannot do is named") {
  model::Deployment some{.device = "h100-sxm-80", .tp = 8, .ep = 4};
  CHECK_THAT(unwritable(served(some), "vllm"), Catch::Contains("spreads experts over all 8"));
  some.weight_precision = "fp4";
  CHECK_THAT(unwritable(served(some), "sglang"), Catch::Contains("cannot be told precision fp4"));
  CHECK_THAT(unwritable(dense_proposal(), "trtllm"), Catch::Contains("has no deployment"));
}

TEST_CASE("options of servers that may change the cost are notices") {
  const Proposal p =
      proposed("vllm serve m --tensor-parallel-size 4 --quantization awq --enable-chunked-prefill\n", "s.sh");
  CHECK(p.deployment->tp == 4);
  CHECK(p.deployment->weight_precision == "bf16");
  CHECK(p.deployment->replicas == 1);
  CHECK(p.assumed.contains("deployment.batch"));
  REQUIRE(p.notices.size() == 2);
  CHECK_THAT(p.notices[0].text, Catch::Contains("awq"));
  CHECK_THAT(refused("#SBATCH --array=x\nvllm serve m\n", "s.sh"), Catch::Contains("0-39"));
}

TEST_CASE("batch scripts of Slurm hold the launch of the engine's framework") {
  Proposal p = dense_proposal();
  const std::vector<LaunchFile> files = written(p, "slurm");
  CHECK(files.front().name == "train.sbatch");
  CHECK_THAT(files.front().text, Catch::Contains("#SBATCH --nodes=8\n") &&
                                     Catch::Contains("#SBATCH --gpus-per-node=8\n") &&
                                     Catch::Contains("#SBATCH --job-name=seven--b-\n"));
  const Proposal again = proposed(files.front().text, "train.sbatch", "", by_name(files));
  CHECK(again.origin == "megatron-lm");
  CHECK(said(again) == said(p));
  CHECK(again.notices.empty());
  p.engine = "fsdp";
  p.layout = model::Layout{.dp = 64, .zero = 3};
  CHECK(by_name(written(p, "slurm")).contains("config.toml"));
  p.engine = "xla";
  CHECK_THAT(unwritable(p, "slurm"), Catch::Contains("engine xla"));
}

TEST_CASE("frameworks say what they read and write") {
  std::string readers;
  for (const Framework& each : frameworks()) {
    CHECK_FALSE(each.versions.empty());
    CHECK((each.reads || each.writes));
    if (each.reads) readers += std::string(each.id) + " ";
  }
  CHECK(readers == "accelerate deepspeed megatron-lm nemo sglang torchtitan trtllm vllm ");
  CHECK_THAT(refused("x", "f", "slurm"), Catch::Contains("files of slurm are not read"));
}
