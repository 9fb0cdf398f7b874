#include "scaleplan/training/layouts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <tuple>

#include "training/jobs.hpp"

using namespace scaleplan;
using namespace scaleplan::training;
using model::Layout;
using model::Recompute;

namespace {

model::Shape small_gpt() {
  model::Shape shape;
  shape.layers = 12;
  shape.hidden = 4096;
  shape.heads = 32;
  shape.kv_heads = 8;
  shape.head_size = 128;
  shape.ffn = 14336;
  shape.vocabulary = 32000;
  return shape;
}

model::Shape small_mixture() {
  model::Shape shape = small_gpt();
  shape.layers = 9;
  shape.experts.experts = 8;
  shape.experts.per_token = 2;
  shape.experts.expert_ffn = 7168;
  shape.experts.shared_ffn = 1024;
  shape.experts.dense_layers = 1;
  return shape;
}

// The rules again, written from the documentation of the engines, not from legal.cpp.
bool may_pipeline(const Job& job, const Layout& l) {
  const std::int64_t layers = job.shape.layers;
  if (l.pp == 1) return l.interleave == 1;
  if (job.engine == Engine::deepspeed_zero3 || l.pp > layers) return false;
  const bool even_only = job.engine == Engine::megatron_2021 || job.engine == Engine::xla;
  if (even_only && layers % l.pp != 0) return false;
  if (l.interleave == 1) return true;
  const std::int64_t most = layers % l.pp == 0 ? layers / l.pp : layers / l.pp + 1;
  const std::int64_t m = job.global_batch / l.dp / l.micro_batch;
  const bool enough = job.engine == Engine::megatron ? m >= l.pp : m % l.pp == 0;
  return job.schedule == Schedule::one_f_one_b && job.engine != Engine::megatron_deepspeed &&
         most % l.interleave == 0 && l.pp * l.interleave <= layers + 2 && enough;
}

bool may_shard(const Job& job, const Layout& l) {
  const bool megatron_old = job.engine == Engine::megatron_2021 || job.engine == Engine::megatron_deepspeed;
  const bool torch = job.engine == Engine::fsdp || job.engine == Engine::xla;
  if (job.engine == Engine::megatron_2021 && l.zero > 1) return false;
  if (job.engine == Engine::deepspeed_zero3 && l.zero != 3) return false;
  if (torch && l.zero == 1) return false;
  if (!torch && l.zero >= 2 && l.pp != 1) return false;
  if (l.zero_group == 0) return true;
  return !megatron_old && l.zero > 0 && l.zero_group > 1 && l.zero_group < l.dp * l.cp &&
         (l.dp * l.cp) % l.zero_group == 0;
}

bool may_run(const Job& job, const Layout& l) {
  const model::Shape& s = job.shape;
  const bool old = job.engine == Engine::megatron_2021 || job.engine == Engine::megatron_deepspeed;
  const bool copies_keys = job.engine != Engine::fsdp && job.engine != Engine::deepspeed_zero3;
  const bool keys = s.kv_heads % l.tp == 0 || (copies_keys && l.tp % s.kv_heads == 0);
  if (s.heads % l.tp != 0 || s.ffn % l.tp != 0 || (!keys && s.latent.kv_rank == 0)) return false;
  const bool mixture = s.experts.experts > 1;
  if (mixture && s.experts.shared_ffn % l.tp != 0) return false;
  if (l.cp > 1 && (old || job.attention == AttentionKernel::unfused)) return false;
  if (l.cp > 1 && job.sequence_length % (2 * l.cp) != 0) return false;
  if (l.cp > 1 && job.engine == Engine::deepspeed_zero3 && s.heads % (l.tp * l.cp) != 0) return false;
  if (l.ep > 1 && (!mixture || job.engine == Engine::megatron_2021)) return false;
  if (s.experts.experts % l.ep != 0 || (l.tp * l.cp * l.dp) % l.ep != 0) return false;
  if (job.global_batch % (l.dp * l.micro_batch) != 0) return false;
  if (l.sequence_parallel && (l.tp == 1 || job.sequence_length % (l.tp * l.cp) != 0)) return false;
  const bool no_sequence = job.engine == Engine::megatron_deepspeed || job.engine == Engine::deepspeed_zero3;
  if (l.sequence_parallel && no_sequence) return false;
  if (!l.sequence_parallel && mixture && l.tp > 1 && job.engine == Engine::megatron) return false;
  const bool torch = job.engine == Engine::fsdp || job.engine == Engine::xla;
  if (l.recompute == Recompute::operators && !torch) return false;
  if (l.recompute == Recompute::selective && job.engine != Engine::megatron &&
      job.engine != Engine::megatron_2021) {
    return false;
  }
  return may_pipeline(job, l) && may_shard(job, l);
}

// Every layout of the devices, by counting.
void each_layout(const Job& job, const std::function<void(const Layout&)>& visit) {
  const std::int64_t n = job.machine.devices;
  const auto times = [](std::int64_t to, std::int64_t& field, const auto& inner) {
    for (field = 1; field <= to; ++field) inner();
  };
  Layout l;
  const auto rest = [&] {
    for (const Recompute recompute :
         {Recompute::none, Recompute::selective, Recompute::operators, Recompute::full}) {
      for (const bool parallel : {false, true}) {
        l.recompute = recompute;
        l.sequence_parallel = parallel;
        for (l.zero = 0; l.zero <= 3; ++l.zero) {
          for (l.zero_group = 0; l.zero_group <= l.dp * l.cp; ++l.zero_group) {
            const bool divides = l.zero_group == 0 || (l.dp * l.cp) % l.zero_group == 0;
            if (divides && may_run(job, l)) visit(l);
          }
        }
      }
    }
  };
  times(n, l.tp, [&] {
    if (n % l.tp != 0 || job.shape.heads % l.tp != 0) return;
    times(n / l.tp, l.pp, [&] {
      if (n % (l.tp * l.pp) != 0) return;
      times(n / l.tp / l.pp, l.cp, [&] {
        if (n % (l.tp * l.pp * l.cp) != 0) return;
        l.dp = n / l.tp / l.pp / l.cp;
        if (job.sequence_length % l.cp != 0 || job.global_batch % l.dp != 0) return;
        times(job.shape.experts.experts, l.ep, [&] {
          times(job.global_batch / l.dp, l.micro_batch, [&] {
            if (job.global_batch % (l.micro_batch * l.dp) != 0) return;
            times(l.pp == 1 ? 1 : job.shape.layers, l.interleave, [&] {
              if (may_pipeline(job, l)) rest();
            });
          });
        });
      });
    });
  });
}

// A layout that another one equals in every figure: selective recomputation where no scores are kept, ZeRO of
// Megatron with a single replica.
bool repeats(const Job& job, const Layout& l) {
  const bool torch = job.engine == Engine::fsdp || job.engine == Engine::xla;
  return (l.recompute == Recompute::selective && job.attention != AttentionKernel::unfused) ||
         (!torch && l.dp * l.cp == 1 && (l.zero == 1 || l.zero == 2));
}

struct Twin {
  std::int64_t legal = 0;
  std::vector<RankedLayout> fitting;  ///< fastest first
};

Twin brute_force(const Job& job, const Efficiency& efficiency) {
  Twin out;
  each_layout(job, [&](const Layout& l) {
    ++out.legal;
    if (repeats(job, l)) return;
    RankedLayout one{l, step_time(job, l, efficiency), memory(job, l)};
    if (one.memory.safe <= job.machine.memory.raw()) out.fitting.push_back(std::move(one));
  });
  std::sort(out.fitting.begin(), out.fitting.end(), [](const RankedLayout& a, const RankedLayout& b) {
    return std::tie(a.time.step_s, a.layout) < std::tie(b.time.step_s, b.layout);
  });
  return out;
}

std::int64_t sum(const std::vector<PrunedCount>& counts) {
  std::int64_t total = 0;
  for (const PrunedCount& one : counts) total += one.count;
  return total;
}

void equals_brute_force(const Job& job) {
  const Efficiency efficiency = jobs::efficiency();
  const Twin twin = brute_force(job, efficiency);
  const LayoutSearch found = search_layouts(job, {}, efficiency, 12, {{}, {}, 2});
  CAPTURE(engine_name(job.engine), job.machine.devices);
  CHECK(found.legal == twin.legal);
  CHECK(found.evaluated + sum(found.pruned) == found.legal);
  REQUIRE(found.best.size() == std::min<std::size_t>(12, twin.fitting.size()));
  for (std::size_t k = 0; k < found.best.size(); ++k) {
    CHECK(found.best[k].layout == twin.fitting[k].layout);
    CHECK(found.best[k].time.step_s == twin.fitting[k].time.step_s);
    CHECK(found.best[k].memory.safe == twin.fitting[k].memory.safe);
  }
  // the front: each no slower than any that is as small
  std::vector<std::pair<double, double>> points;
  for (const RankedLayout& one : twin.fitting) points.emplace_back(one.time.step_s, one.memory.safe);
  std::sort(points.begin(), points.end());
  std::vector<std::pair<double, double>> front;
  for (const auto& point : points) {
    if (front.empty() || point.second < front.back().second) front.push_back(point);
  }
  REQUIRE(found.pareto.size() == front.size());
  for (std::size_t k = 0; k < front.size(); ++k) {
    CHECK(found.pareto[k].time.step_s == front[k].first);
    CHECK(found.pareto[k].memory.safe == front[k].second);
  }
}

Layout layout(std::int64_t tp, std::int64_t pp, std::int64_t dp) {
  Layout out;
  out.tp = tp;
  out.pp = pp;
  out.dp = dp;
  return out;
}

}  // namespace

TEST_CASE("the search equals brute force: count, winner, runners-up, values, front") {
  for (const Engine engine : {Engine::megatron, Engine::megatron_2021, Engine::megatron_deepspeed,
                              Engine::fsdp, Engine::deepspeed_zero3}) {
    equals_brute_force(jobs::job(small_gpt(), jobs::machine("dgx-a100", 16), 24, 2048, engine));
  }
  equals_brute_force(jobs::job(small_mixture(), jobs::machine("dgx-h100", 16), 16, 4096));
  equals_brute_force(jobs::job(small_mixture(), jobs::machine("dgx-h100", 8), 24, 4096, Engine::fsdp));
  Job unfused = jobs::job(small_gpt(), jobs::machine("dgx-a100", 8), 24, 2048);
  unfused.attention = AttentionKernel::unfused;
  equals_brute_force(unfused);
  unfused.schedule = Schedule::zero_bubble;
  equals_brute_force(unfused);
}

TEST_CASE("every layout of GPT-3 on 1024 devices is counted") {
  const Job job = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 1024), 1536, 2048);
  std::int64_t legal = 0;
  each_layout(job, [&](const Layout& l) { legal += illegal(job, l).empty() ? 1 : -1000000000; });
  const LayoutSearch found = search_layouts(job, {}, jobs::efficiency(), 5, {});
  CHECK(found.legal == legal);
  CHECK(found.evaluated + sum(found.pruned) == legal);
}

TEST_CASE("results do not depend on the number of threads") {
  const Job job = jobs::job(small_mixture(), jobs::machine("dgx-h100", 32), 96, 4096);
  const LayoutSearch one = search_layouts(job, {}, jobs::efficiency(), 8, {{}, {}, 1});
  const LayoutSearch five = search_layouts(job, {}, jobs::efficiency(), 8, {{}, {}, 5});
  CHECK(one.evaluated == five.evaluated);
  REQUIRE(one.best.size() == five.best.size());
  for (std::size_t k = 0; k < one.best.size(); ++k) CHECK(one.best[k].layout == five.best[k].layout);
}

TEST_CASE("a restricted space holds only what was asked for") {
  const Job job = jobs::job(small_gpt(), jobs::machine("dgx-a100", 16), 48, 2048);
  LayoutSpace space;
  space.tp = {2, 4};
  space.zero = {1};
  space.recompute = {Recompute::full};
  const LayoutSearch found = search_layouts(job, space, jobs::efficiency(), 50, {});
  REQUIRE(!found.best.empty());
  for (const RankedLayout& one : found.best) {
    CHECK((one.layout.tp == 2 || one.layout.tp == 4));
    CHECK(one.layout.zero == 1);
    CHECK(one.layout.recompute == Recompute::full);
  }
  space.headroom = 0.9;
  CHECK(search_layouts(job, space, jobs::efficiency(), 5, {}).best.empty());
}

TEST_CASE("parts of time and memory add up, and intervals follow the level") {
  const Efficiency efficiency = jobs::efficiency();
  for (const model::Shape& shape : {small_gpt(), small_mixture()}) {
    const Job job = jobs::job(shape, jobs::machine("dgx-h100", 16), 48, 2048);
    for (RankedLayout one : search_layouts(job, {}, efficiency, 20, {}).best) {
      double seconds = 0;
      for (const Part& part : time_parts(job, one)) {
        seconds += part.value;
        CHECK(part.value > -1e-9 * one.time.step_s);
      }
      CHECK(seconds == Approx(one.time.step_s).epsilon(1e-12));
      double bytes = 0;
      for (const Part& part : memory_parts(one.memory)) bytes += part.value;
      CHECK(bytes == Approx(one.memory.allocated).epsilon(1e-12));
      const double high = one.time.interval_high_s;
      set_level(one, 0.9);
      CHECK(one.time.interval_high_s == Approx(high).epsilon(1e-9));
      set_level(one, 0.5);  // normal quantiles: 0.6745 against 1.6449
      CHECK(std::log(one.time.interval_high_s / one.time.step_s) ==
            Approx(0.41006 * std::log(high / one.time.step_s)).epsilon(1e-4));
    }
  }
}

TEST_CASE("each rule says what is wrong") {
  const Job job = jobs::job(small_gpt(), jobs::machine("dgx-a100", 16), 48, 2048);
  const auto why = [&](const std::function<void(Layout&)>& change) {
    Layout l = layout(2, 2, 4);
    l.zero = 1;
    REQUIRE(illegal(job, l).empty());
    change(l);
    return illegal(job, l);
  };
  using Catch::Contains;
  CHECK_THAT(why([](Layout& l) { l.tp = 0; }), Contains("at least 1"));
  CHECK_THAT(why([](Layout& l) { l.dp = 8; }), Contains("32 devices, not 16"));
  CHECK_THAT(why([](Layout& l) { l.interleave = 4; }), Contains("6 layers of a stage are not a multiple"));
  CHECK_THAT(why([](Layout& l) { l.micro_batch = 5; }), Contains("global batch of 48"));
  CHECK_THAT(why([](Layout& l) { l.zero = 3; }), Contains("ZeRO-3 does not go with pipeline stages"));
  CHECK_THAT(why([](Layout& l) { l.zero_group = 3; }), Contains("not a multiple of the sharing group 3"));
  CHECK_THAT(why([](Layout& l) { l.zero_group = 5; }), Contains("between 2 and dp x cp = 4"));
  CHECK_THAT(why([](Layout& l) { l.ep = 2; }), Contains("needs a mixture"));
  CHECK_THAT(why([](Layout& l) { l.recompute = Recompute::operators; }), Contains("does not recompute"));
  CHECK_THAT(why([](Layout& l) {
               l.tp = 1;
               l.dp = 8;
               l.sequence_parallel = true;
             }),
             Contains("needs tensor parallelism"));
  Job odd = job;
  odd.shape.heads = 30;
  odd.shape.kv_heads = 30;
  odd.machine.devices = 4;
  CHECK_THAT(illegal(odd, layout(4, 1, 1)), Contains("30 heads are not a multiple of tp 4"));
}

TEST_CASE("BLOOM's own layout and its alternatives are legal") {
  // 25 February rows of the tuning log: 72 layers on 384 devices (bigscience chronicles-prequel)
  model::Shape shape = jobs::gpt3();
  shape.layers = 72;
  shape.hidden = 14336;
  shape.heads = shape.kv_heads = 64;
  shape.head_size = 224;
  shape.ffn = 4 * 14336;
  const Job job = jobs::job(shape, jobs::machine("dgx-a100", 384), 2048, 2048, Engine::megatron_deepspeed);
  for (Layout l : {layout(8, 6, 8), layout(8, 12, 4), layout(4, 6, 16), layout(2, 24, 8)}) {
    l.zero = 1;
    l.micro_batch = 2;
    l.recompute = Recompute::full;
    CHECK(illegal(job, l) == "");
  }
}

TEST_CASE("what does not fit says how many devices would") {
  const Job job = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 8), 1536, 2048);
  const LayoutSearch found = search_layouts(job, {}, jobs::efficiency(), 5, {});
  CHECK(found.best.empty());
  REQUIRE(found.least);
  CHECK(memory(job, *found.least).safe > job.machine.memory.raw());
  const std::optional<std::int64_t> needed = devices_needed(job, {}, {});
  REQUIRE(needed);
  Job enough = job;
  enough.machine.devices = *needed;
  CHECK(!search_layouts(enough, {}, jobs::efficiency(), 1, {}).best.empty());
  Job half = job;
  half.machine.devices = *needed / 2;
  CHECK(search_layouts(half, {}, jobs::efficiency(), 1, {}).best.empty());
  // 175e9 parameters at 6 + 12 / dp bytes, 86e9 bytes a device: at least 13
  CHECK(*needed >= 16);
  CHECK(*needed <= 128);
}

TEST_CASE("a batch that no layout divides names the rules that refuse") {
  const Job job = jobs::job(small_gpt(), jobs::machine("dgx-a100", 7), 48, 2049);
  Job uneven = job;
  uneven.shape.layers = 5;  // no seven stages either
  const LayoutSearch found = search_layouts(uneven, {}, jobs::efficiency(), 5, {});
  CHECK(found.legal == 0);
  std::vector<std::string> rules;
  for (const PrunedCount& one : found.refused) rules.push_back(one.reason);
  CHECK(rules == std::vector<std::string>{"heads", "pipeline stages", "context parallelism", "global batch"});
}

TEST_CASE("one layout is judged with its reason") {
  const Job job = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 64), 1536, 2048);
  const Efficiency efficiency = jobs::efficiency();
  Layout l = layout(8, 1, 8);
  CHECK_THAT(judge(job, {}, efficiency, l).reason, Catch::Contains("needs") && Catch::Contains("offers"));
  CHECK(judge(job, {}, efficiency, l).evaluated);
  l.dp = 7;
  CHECK(!judge(job, {}, efficiency, l).evaluated);
  l = layout(8, 8, 1);
  l.sequence_parallel = true;
  l.recompute = Recompute::full;
  CHECK(judge(job, {}, efficiency, l).reason == "");
}
