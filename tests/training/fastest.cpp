#include "scaleplan/training/fastest.hpp"

#include <catch2/catch.hpp>

#include "scaleplan/num/random.hpp"
#include "training/jobs.hpp"

using namespace scaleplan;
using namespace scaleplan::training;
using namespace scaleplan::training::jobs;

TEST_CASE("the fastest layouts are the head of the whole search", "[fastest]") {
  num::Random random(5, 1);
  const Efficiency constants = efficiency();
  const auto any = [&](auto... values) {
    const std::int64_t list[] = {values...};
    return list[random.below(sizeof...(values))];
  };
  int found = 0;
  for (int k = 0; k < 60; ++k) {
    Job job;
    job.shape.layers = any(12, 22, 40);
    job.shape.head_size = 128;
    job.shape.heads = any(16, 32, 48);
    job.shape.kv_heads = 8;
    job.shape.hidden = job.shape.heads * 128;
    job.shape.ffn = job.shape.hidden * 7 / 2;
    job.shape.vocabulary = 32000;
    if (k % 4 == 0) {
      job.shape.experts.experts = 8;
      job.shape.experts.per_token = 2;
      job.shape.experts.expert_ffn = job.shape.ffn / 2;
      job.shape.experts.dense_layers = any(0, 1);
    }
    job.sequence_length = any(2048, 8192);
    job.engine = k % 5 == 0 ? Engine::fsdp : Engine::megatron;
    job.attention = k % 7 == 0 ? AttentionKernel::unfused : AttentionKernel::cudnn;
    job.machine = machine("dgx-h100", any(8, 24, 64, 96));
    apply_engine_defaults(job);
    LayoutSpace space;
    if (k % 3 == 0) space.micro_batch = {1, 2, 4};
    if (k % 6 == 0) space.recompute = {model::Recompute::full, model::Recompute::selective};
    if (k % 9 == 0) space.headroom = 0.4;
    FastestLayouts fastest(job, space, constants);
    // one object serves all batches, in any order
    for (const std::int64_t batch : {any(64, 96), any(7, 256), any(512, 480)}) {
      job.global_batch = batch;
      const std::size_t top = k % 2 == 0 ? 1 : 9;
      const LayoutSearch whole = search_layouts(job, space, constants, top, {{}, {}, 1});
      const std::vector<RankedLayout> head = fastest.find(batch, top);
      INFO("case " << k << ", batch " << batch << ", " << job.machine.devices << " devices");
      REQUIRE(head.size() == whole.best.size());
      std::vector<model::Layout> layouts;
      for (std::size_t i = 0; i < head.size(); ++i) {
        CHECK(head[i].layout == whole.best[i].layout);
        CHECK(head[i].time.step_s == whole.best[i].time.step_s);
        CHECK(head[i].memory.safe == whole.best[i].memory.safe);
        layouts.push_back(head[i].layout);
      }
      found += head.empty() ? 0 : 1;
      const std::optional<RankedLayout> best = fastest.among(batch, layouts);
      REQUIRE(best.has_value() == !head.empty());
      if (best) CHECK(best->time.step_s == head.front().time.step_s);
    }
  }
  CHECK(found > 100);
}
