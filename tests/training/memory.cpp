#include "scaleplan/training/memory.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "training/jobs.hpp"

using namespace scaleplan;
using namespace scaleplan::training;
using model::Layout;
using model::Recompute;

namespace {

constexpr double gib = 1073741824.0;

Layout layout(std::int64_t tp, std::int64_t pp, std::int64_t dp, int zero = 0) {
  Layout out;
  out.tp = tp;
  out.pp = pp;
  out.dp = dp;
  out.zero = zero;
  return out;
}

// arXiv:2205.05198 table 3: the 175B model, micro-batch 1, unfused attention with dropout
Job korthikanti() {
  Job job = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 64), 64, 2048, Engine::megatron_2021);
  job.attention = AttentionKernel::unfused;
  job.precision = Precision::fp16;
  job.dropout = true;
  return job;
}

model::Shape llama8() {
  model::Shape shape;
  shape.layers = 32;
  shape.hidden = 4096;
  shape.heads = 32;
  shape.kv_heads = 8;
  shape.head_size = 128;
  shape.ffn = 14336;
  shape.vocabulary = 128256;
  return shape;
}

model::Shape bloom() {
  model::Shape shape = jobs::gpt3();
  shape.layers = 72;
  shape.hidden = 14336;
  shape.heads = shape.kv_heads = 64;
  shape.head_size = 224;
  shape.ffn = 4 * 14336;
  shape.vocabulary = 250880;
  return shape;
}

}  // namespace

TEST_CASE("activations of a layer are those of table 2 of arXiv:2205.05198") {
  Job job = korthikanti();
  const double s = 2048;
  const double h = 12288;
  const double a = 96;
  const double layers_in_flight = 96;  // one stage holds every layer once
  Layout l = layout(8, 1, 1);
  const auto per_layer = [&] { return memory(job, l).worst.activations / layers_in_flight; };
  CHECK(per_layer() == Approx(s * h * (10 + 24 / 8.0 + 5 * a * s / (8 * h))));
  l.recompute = Recompute::selective;
  CHECK(per_layer() == Approx(s * h * (10 + 24 / 8.0)));
  l.sequence_parallel = true;
  CHECK(per_layer() == Approx(s * h * 34 / 8));
  l.recompute = Recompute::none;
  CHECK(per_layer() == Approx(s * h / 8 * (34 + 5 * a * s / h)));
  l.sequence_parallel = false;
  l.recompute = Recompute::full;
  CHECK(per_layer() == Approx(2 * s * h));
}

TEST_CASE("stages hold as many micro-batches as the schedule has in flight") {
  Job job = korthikanti();
  Layout l = layout(8, 8, 1);
  const double once = memory(job, l).worst.activations;
  const Layout whole = layout(8, 1, 1);
  CHECK(once == Approx(memory(job, whole).worst.activations));  // p stages hold L/p layers p times
  l.interleave = 3;                                             // arXiv:2104.04473: 1 + (p − 1) / (p v)
  CHECK(memory(job, l).worst.activations == Approx(once * (1 + 7 / 24.0)));
  l.interleave = 1;
  job.schedule = Schedule::gpipe;  // all 64 micro-batches
  CHECK(memory(job, l).worst.activations == Approx(once * 64 / 8));
  job.schedule = Schedule::one_f_one_b;
  job.global_batch = 4;  // fewer micro-batches than stages
  CHECK(memory(job, l).worst.activations == Approx(once * 4 / 8));
  l.interleave = 3;  // and never more than there are
  CHECK(memory(job, l).worst.activations == Approx(once * 4 / 8));
}

TEST_CASE("ZeRO divides the states as in figure 1 of arXiv:1910.02054") {
  // 7.5e9 parameters on 64 devices: 120, 31.4, 16.6 and 1.88 GB with 16 bytes per parameter
  Job job = jobs::job(llama8(), jobs::machine("dgx-a100", 64), 64, 2048, Engine::megatron);
  job.gradient_bytes = 2;
  const auto params = static_cast<double>(model::count_parameters(job.shape).total);
  const double scale = 7.5e9 / params;
  const auto states = [&](int zero) {
    return scale * memory(job, layout(1, 1, 64, zero)).worst.states() / 1e9;
  };
  CHECK(states(0) == Approx(120).epsilon(1e-3));
  CHECK(states(1) == Approx(31.4).epsilon(2e-3));
  CHECK(states(2) == Approx(16.6).epsilon(3e-3));
  CHECK(states(3) == Approx(1.88).epsilon(3e-3));
  Layout half = layout(1, 1, 64, 3);
  half.zero_group = 8;  // HSDP within a node
  CHECK(scale * memory(job, half).worst.states() / 1e9 == Approx(120 / 8.0).epsilon(1e-3));
}

TEST_CASE("bytes per parameter by recipe") {
  const auto total = [](Precision precision, Optimizer optimizer, Engine engine, double gradients) {
    const StateBytes b = state_bytes(precision, optimizer, engine, gradients);
    return b.weights + b.gradients + b.optimizer;
  };
  // Megatron-LM docs/user-guide/features/dist_optimizer.md: bf16 18, fp32 16; ZeRO paper: 16
  CHECK(total(Precision::bf16, Optimizer::adamw, Engine::megatron, 4) == 18);
  CHECK(total(Precision::bf16, Optimizer::adamw, Engine::megatron, 2) == 16);
  CHECK(total(Precision::fp32, Optimizer::adamw, Engine::megatron, 4) == 16);
  CHECK(total(Precision::bf16, Optimizer::adamw, Engine::fsdp, 2) == 16);
  CHECK(total(Precision::bf16, Optimizer::adamw_bf16, Engine::megatron, 2) == 8);
  CHECK(total(Precision::bf16, Optimizer::adamw_8bit, Engine::megatron, 2) == 10);
  CHECK(total(Precision::bf16, Optimizer::lion, Engine::megatron, 4) == 14);
  // ZeRO-Infinity (arXiv:2104.07857 section 3): 20 bytes with fp16
  CHECK(total(Precision::fp16, Optimizer::adamw, Engine::deepspeed_zero3, 2) == 20);
  const StateBytes muon = state_bytes(Precision::bf16, Optimizer::muon, Engine::megatron, 4);
  CHECK(muon.optimizer == 8);
  CHECK(muon.optimizer_tables == 12);
}

TEST_CASE("the parts of all devices are the whole model") {
  for (const model::Shape& shape : {jobs::gpt3(), jobs::llama405(), jobs::deepseek()}) {
    const bool mixture = shape.experts.experts > 1;
    for (const std::int64_t pp : {1, 2, 5, 16}) {
      Layout l = layout(1, pp, 8);
      l.ep = mixture ? 8 : 1;
      double whole = 0;
      for (std::int64_t stage = 0; stage < pp; ++stage) {
        Layout alone = l;
        alone.ep = 1;
        whole += parameters_per_device(shape, alone, stage);
        // experts are an eighth, everything else is on each of the eight
        CHECK(parameters_per_device(shape, l, stage) <= parameters_per_device(shape, alone, stage));
      }
      const auto params = static_cast<double>(model::count_parameters(shape).total);
      const double copied = shape.tied && pp > 1
                                ? static_cast<double>(shape.vocabulary) * static_cast<double>(shape.hidden)
                                : 0;
      CHECK(whole == Approx(params + copied).epsilon(1e-12));
    }
  }
}

TEST_CASE("the stage that holds most is found") {
  // DeepSeek-V3: the first stage has dense layers, the second only layers with experts
  const Job job = jobs::job(jobs::deepseek(), jobs::machine("dgx-h100", 256), 256, 4096);
  Layout l = layout(1, 16, 16, 1);
  l.ep = 16;
  l.recompute = Recompute::full;
  CHECK(memory(job, l).worst_stage == 1);
  // a vocabulary of 250,880 on the last of few small stages
  Job wide = jobs::job(bloom(), jobs::machine("dgx-a100", 72), 72, 2048);
  wide.shape.hidden = 1024;
  wide.shape.head_size = 16;
  wide.shape.ffn = 4096;
  Layout deep = layout(1, 72, 1);
  deep.micro_batch = 8;
  deep.recompute = Recompute::full;
  wide.global_batch = 8;
  CHECK(memory(wide, deep).worst_stage == 71);
}

TEST_CASE("offloaded states are on the host") {
  Job job = jobs::job(llama8(), jobs::machine("dgx-a100", 8), 64, 2048);
  const Layout l = layout(1, 1, 8, 1);
  const Memory kept = memory(job, l);
  job.offload_optimizer = true;
  const Memory offloaded = memory(job, l);
  CHECK(offloaded.host == Approx(kept.worst.optimizer));
  CHECK(offloaded.allocated == Approx(kept.allocated - kept.worst.optimizer));
}

TEST_CASE("formula of arXiv:2205.05198 figure 1, first stage") {
  // as carried by calculon's validation table: states 45.5625 GiB, activations 12.35 and 66.84 GiB
  Job job = korthikanti();
  job.gradient_bytes = 4;
  Layout l = layout(8, 8, 1);
  l.interleave = 3;
  const Memory none = memory(job, l);
  CHECK(none.worst.states() / gib == Approx(45.5625).epsilon(0.04));  // their states leave the embedding out
  CHECK(none.worst.activations / gib == Approx(66.84375).epsilon(0.01));
  l.recompute = Recompute::selective;
  l.sequence_parallel = true;
  CHECK(memory(job, l).worst.activations / gib == Approx(12.3515625).epsilon(0.01));
}

TEST_CASE("readings of torchtitan's table: reserved, and safe never far below") {
  // benchmarks/llama3_h100_202412_torchtitan.md, Llama 3 8B
  Job job = jobs::job(llama8(), jobs::machine("dgx-h100", 8), 16, 8192, Engine::fsdp);
  Layout l = layout(1, 1, 8, 3);
  l.micro_batch = 2;
  l.recompute = Recompute::operators;
  const auto agrees = [&](double measured_gib) {
    const Memory m = memory(job, l);
    CHECK(m.reserved / gib == Approx(measured_gib).epsilon(0.1));
    CHECK(m.safe / gib > 0.95 * measured_gib);
    CHECK(m.allocated < m.reserved);
    CHECK(m.reserved < m.driver);
    CHECK(m.driver < m.safe);
  };
  agrees(82.4);
  agrees(77.0);
  job.machine.devices = 128;
  job.global_batch = 256;
  l.dp = 128;
  agrees(67.0);
  agrees(62.0);
  // context parallel 8, one sequence of 262,144 tokens
  job.machine.devices = 8;
  job.global_batch = 1;
  job.sequence_length = 262144;
  l.dp = 1;
  l.cp = 8;
  l.micro_batch = 1;
  l.recompute = Recompute::full;
  agrees(84.5);
}

TEST_CASE("readings of the BLOOM tuning log: driver, GB of 1e9") {
  Job job = jobs::job(bloom(), jobs::machine("dgx-a100", 384), 2048, 2048, Engine::megatron_deepspeed);
  job.precision = Precision::fp16;
  job.attention = AttentionKernel::unfused;
  job.dropout = true;
  const auto agrees = [&](Layout l, std::int64_t micro_batch, double measured) {
    l.micro_batch = micro_batch;
    l.recompute = Recompute::full;
    const Memory m = memory(job, l);
    CHECK(m.driver / 1e9 == Approx(measured).epsilon(0.1));
    CHECK(m.safe / 1e9 > 0.95 * measured);
  };
  agrees(layout(8, 12, 4, 0), 2, 72);  // the step from ZeRO-0 to ZeRO-1 shows 20 bytes of optimiser states
  agrees(layout(8, 12, 4, 1), 2, 37);
  agrees(layout(8, 12, 4, 1), 8, 69);
  agrees(layout(4, 6, 16, 1), 4, 75);
  agrees(layout(2, 24, 8, 1), 1, 44);
}

TEST_CASE("memory grows with the micro-batch and shrinks with sharding") {
  const Job job = jobs::job(jobs::llama405(), jobs::machine("dgx-h100", 1024), 1024, 8192);
  double before = 0;
  for (const std::int64_t micro_batch : {1, 2, 4, 8}) {
    Layout l = layout(8, 16, 8, 1);
    l.micro_batch = micro_batch;
    l.sequence_parallel = true;
    const double now = memory(job, l).safe;
    CHECK(now > before);
    before = now;
  }
  const auto with = [&](int zero, std::int64_t group) {
    Layout l = layout(8, 1, 128, zero);
    l.zero_group = group;
    return memory(job, l).safe;
  };
  CHECK(with(0, 0) > with(1, 8));
  CHECK(with(1, 8) > with(1, 0));
  CHECK(with(1, 0) > with(2, 0));
  CHECK(with(2, 0) > with(3, 0));
}

TEST_CASE("a checkpoint of BLOOM 176B is 2.3 TB") {
  // bigscience README: 329 GiB of weights, 2.3 TB with optimiser states (2295 GiB)
  model::Shape shape = bloom();
  shape.layers = 70;
  shape.heads = shape.kv_heads = 112;
  shape.head_size = 128;
  CHECK(checkpoint_bytes(shape, Optimizer::adamw) / gib == Approx(2295).epsilon(0.01));
}
