#include "scaleplan/training/step_time.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace scaleplan;
using namespace scaleplan::training;

namespace {

const json::Catalogue catalogue;

// Constants of the test alone, so that a new calibration changes no expected number.
Efficiency efficiency() {
  Efficiency e;
  e.gemm = {{"ampere", {0.8, 0}}, {"hopper", {0.6, 0}}, {"tpu", {0.85, 0}}, {"pooled", {0.7, 0}}};
  e.attention = {{"ampere", {0.3, 0}}, {"hopper", {0.2, 0}}, {"tpu", {0.4, 0}}, {"pooled", {0.25, 0}}};
  for (const auto& [name, value] : std::map<std::string, double>{{"fp8", 0.95},
                                                                 {"fp4", 0.7},
                                                                 {"short_k", 200},
                                                                 {"attention_cudnn", 1.6},
                                                                 {"elementwise", 2},
                                                                 {"elementwise_fused", 2},
                                                                 {"elementwise_tpu", 0.7},
                                                                 {"moe_gemm", 0.5},
                                                                 {"link", 0.8},
                                                                 {"nic", 0.7},
                                                                 {"ring_step_s", 1e-5},
                                                                 {"fsdp_overlap", 0.9},
                                                                 {"dp_overlap", 0.5},
                                                                 {"p2p_exposed", 0.4},
                                                                 {"scale_loss", 0.01},
                                                                 {"deepspeed_compute", 1.2},
                                                                 {"deepspeed_reduction", 2.5},
                                                                 {"site", 1}}) {
    e.factors[name] = {value, 0};
  }
  e.between_sources = 0.08;
  e.within_source = 0.06;
  e.moe_sd = 0.5;
  return e;
}

Job job(const std::string& device, std::int64_t devices) {
  Job out;
  model::Shape& s = out.shape;
  s.layers = 32;
  s.hidden = 4096;
  s.heads = 32;
  s.kv_heads = 8;
  s.head_size = 128;
  s.ffn = 14336;
  s.vocabulary = 128256;
  out.sequence_length = 8192;
  out.global_batch = 256;
  const auto found = hardware::find_device(catalogue, device);
  REQUIRE(found);
  const auto machine = hardware::machine_of(*found, nullptr, devices);
  REQUIRE(machine);
  out.machine = *machine;
  return out;
}

double sum_of_parts(const StepTime& t) {
  return t.scale * (t.micro_batches * (t.stage_s + t.p2p_s) + t.bubble_s + t.dp_s + t.optimizer_s);
}

}  // namespace

TEST_CASE("a multiplication takes whole waves of the best tile") {
  Rates rates;
  rates.multiprocessors = 108;
  rates.memory = 1e30;
  rates.short_k = 0;
  // 4096 × 4096: 256 tiles of 256 × 256 are 3 waves of 108 (324 tiles' time); 128 × 256: 512 tiles, 5 waves
  // at rate 0.93; the first gives 324·65536/4096² = 1.265625, the second 540·32768/0.93/4096² = 1.134
  const double ideal = 2.0 * 4096 * 4096 * 4096 / 1e12;
  CHECK(gemm_seconds({4096, 4096, 4096}, 1e12, rates) / ideal == Approx(540 * 32768 / 0.93 / 4096 / 4096));
  rates.short_k = 512;
  CHECK(gemm_seconds({4096, 4096, 4096}, 1e12, rates) / ideal ==
        Approx(540 * 32768 / 0.93 / 4096 / 4096 * (1 + 512.0 / 4096)));
  // systolic arrays pad each side to 128: 100 → 128
  rates.multiprocessors = 0;
  rates.short_k = 0;
  CHECK(gemm_seconds({100, 256, 384}, 1e12, rates) == Approx(2.0 * 128 * 256 * 384 / 1e12));
  // bound by memory: two bytes for each element of the three matrices
  rates.memory = 1e6;
  CHECK(gemm_seconds({128, 256, 384}, 1e30, rates) ==
        Approx(2.0 * (128 * 256 + 256 * 384 + 128 * 384) / 1e6));
}

TEST_CASE("hidden sizes that fill no wave cost what they do in the BLOOM tuning") {
  // bigscience chronicles-prequel: going from 14400 to 13824 with 96 heads (150 to 144 per head) raised 94 to
  // 120 TFLOP/s, because tensor cores refuse heads that are no multiple of 8
  Job wide = job("a100-sxm-80", 384);
  wide.engine = Engine::megatron_deepspeed;
  apply_engine_defaults(wide);
  wide.attention = AttentionKernel::unfused;
  wide.shape.layers = 80;
  wide.shape.gated = false;
  wide.shape.vocabulary = 250880;
  wide.sequence_length = 2048;
  wide.global_batch = 2048;
  model::Layout layout;
  layout.tp = 8;
  layout.pp = 10;
  layout.dp = 4;
  layout.micro_batch = 2;
  layout.recompute = model::Recompute::full;
  const auto rate = [&](std::int64_t hidden) {
    Job j = wide;
    j.machine.devices = 320;
    j.shape.hidden = hidden;
    j.shape.heads = j.shape.kv_heads = 96;
    j.shape.head_size = hidden / 96;
    j.shape.ffn = 4 * hidden;
    const double flop = model::flop_per_token(j.shape, 2048).training.raw();
    return flop * step_time(j, layout, efficiency()).tokens_per_s;
  };
  CHECK(rate(13824) / rate(14400) == Approx(120.0 / 94).margin(0.08));
}

TEST_CASE("without pipeline a step is its micro-batches, and its parts add up") {
  const Job j = job("a100-sxm-80", 8);
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  layout.micro_batch = 2;
  const StepTime t = step_time(j, layout, efficiency());
  CHECK(t.micro_batches == 16);
  CHECK(t.stage_s == Approx(32 * t.layer.total() + t.head_s));
  CHECK(t.bubble_s == 0);
  CHECK(t.p2p_s == 0);
  CHECK(t.scale == 1);
  CHECK(t.step_s == Approx(sum_of_parts(t)));
  CHECK(t.tokens_per_s == Approx(256.0 * 8192 / t.step_s));
  CHECK(t.mfu == Approx(model::flop_per_token(j.shape, 8192).training.raw() * t.tokens_per_s / (8 * 312e12)));
  // the interval: ±1.645 sd of both spreads
  CHECK(std::log(t.interval_high_s / t.step_s) == Approx(1.6448536 * std::hypot(0.08, 0.06)));
  CHECK(t.interval_high_s / t.step_s == Approx(t.step_s / t.interval_low_s));
}

TEST_CASE("ZeRO-1 over all ranks costs a ring step per bucket and rank") {
  // one node: 2 bytes gathered and 4 reduced at 0.8 · 300 GB/s, and 14 buckets of 40e6 · 2·7 steps of 10 µs
  Job j = job("a100-sxm-80", 8);
  j.dp_overlap = false;
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  const double h = 4096;
  const double parameters =
      32 * (h * (2 * 4096 + 2 * 1024) + 3 * h * 14336) + 2 * 128256 * h;  // both tables, no norms
  const double expected =
      7.0 / 8 * parameters * 6 / (0.8 * 300e9) + std::ceil(parameters / 40e6) * 1e-5 * 2 * 7;
  const StepTime t = step_time(j, layout, efficiency());
  CHECK(t.dp_s == Approx(expected));
  CHECK(t.optimizer_s == Approx(30 * parameters / 8 / (0.85 * 2.039e12)));
}

TEST_CASE("micro-batches add their gradients up in memory, ZeRO-3 only a shard") {
  Job j = job("a100-sxm-80", 8);
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  const Efficiency e = efficiency();
  const double h = 4096;
  const double parameters = h * (2 * 4096 + 2 * 1024) + 3 * h * 14336;
  // 32 micro-batches, 31 of which read and write 4 bytes for each parameter of a layer
  CHECK(step_time(j, layout, e).layer.accumulate_s == Approx(31.0 / 32 * parameters * 8 / (0.85 * 2.039e12)));
  j.global_batch = 8;
  CHECK(step_time(j, layout, e).layer.accumulate_s == 0);
  j.global_batch = 256;
  layout.zero = 3;
  CHECK(step_time(j, layout, e).layer.accumulate_s == 0);
}

TEST_CASE("pipelines: the fill shrinks with virtual stages and zero-bubble schedules") {
  Job j = job("a100-sxm-80", 64);
  j.global_batch = 64;
  model::Layout layout;
  layout.tp = 8;
  layout.pp = 8;
  const Efficiency e = efficiency();
  const StepTime plain = step_time(j, layout, e);
  // the last stage has its 4 layers and the head, which is the slowest
  CHECK(plain.stage_s == Approx(4 * plain.layer.total() + plain.head_s));
  CHECK(plain.bubble_s == Approx(28 * plain.layer.total() + 7 * plain.p2p_s));
  CHECK(plain.step_s == Approx(sum_of_parts(plain)));
  layout.interleave = 4;
  const StepTime interleaved = step_time(j, layout, e);
  CHECK(interleaved.bubble_s == Approx(28 * plain.layer.total() / 4 + 7 * interleaved.p2p_s / 4));
  CHECK(interleaved.p2p_s > plain.p2p_s);
  layout.interleave = 1;
  j.schedule = Schedule::zero_bubble;
  CHECK(step_time(j, layout, e).bubble_s == Approx(plain.bubble_s / 3));
  j.schedule = Schedule::gpipe;
  CHECK(step_time(j, layout, e).step_s == Approx(plain.step_s));
  j.schedule = Schedule::one_f_one_b;
  j.balanced_stages = true;
  CHECK(step_time(j, layout, e).stage_s == Approx((32 * plain.layer.total() + plain.head_s) / 8));
}

TEST_CASE("full recomputation adds a forward pass, selective only unfused attention") {
  Job j = job("h100-sxm-80", 8);
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  const Efficiency e = efficiency();
  const LayerTime none = step_time(j, layout, e).layer;
  layout.recompute = model::Recompute::full;
  const LayerTime full = step_time(j, layout, e).layer;
  CHECK(full.gemm_s / none.gemm_s == Approx(4.0 / 3).margin(0.02));  // three multiplications become four
  CHECK(full.attention_s / none.attention_s == Approx(4.5 / 3.5));   // 1 + 2.5 forward passes, once more
  CHECK(full.elementwise_s / none.elementwise_s == Approx(4.0 / 3));
  layout.recompute = model::Recompute::operators;
  CHECK(step_time(j, layout, e).layer.attention_s / none.attention_s == Approx(4.0 / 3.5));
  layout.recompute = model::Recompute::selective;
  CHECK(step_time(j, layout, e).layer.total() == Approx(none.total()));
  j.attention = AttentionKernel::unfused;
  const double again = step_time(j, layout, e).layer.attention_s;
  layout.recompute = model::Recompute::none;
  CHECK(again > 1.2 * step_time(j, layout, e).layer.attention_s);
}

TEST_CASE("traffic goes over the link that the group crosses") {
  Job j = job("h100-sxm-80", 32);
  model::Layout layout;
  layout.tp = 8;
  layout.dp = 4;
  const Efficiency e = efficiency();
  const double inside = step_time(j, layout, e).layer.tp_s;
  // 4 all-reduces of 2·8192·4096 bytes at 0.8 · 450 GB/s, 60 µs latency each
  CHECK(inside == Approx(4 * (2 * 7.0 / 8 * 2 * 8192 * 4096 / (0.8 * 450e9) + 2e-5 * 3)));
  layout.tp = 16;
  layout.dp = 2;
  j.shape.kv_heads = 16;
  // two nodes: all eight NICs of a node serve the ring, 8 · 0.7 · 50 GB/s = 280 GB/s, less than the link
  CHECK(step_time(j, layout, e).layer.tp_s ==
        Approx(4 * (2 * 15.0 / 16 * 2 * 8192 * 4096 / (8 * 0.7 * 50e9) + 2e-5 * 4)));
}

TEST_CASE("ZeRO-3 hides gathers behind computation, and HSDP keeps them inside the group") {
  Job j = job("h100-sxm-80", 64);
  j.engine = Engine::fsdp;
  model::Layout layout;
  layout.dp = 64;
  layout.zero = 3;
  const Efficiency e = efficiency();
  const StepTime flat = step_time(j, layout, e);
  CHECK(flat.layer.fsdp_s > 0);
  CHECK(flat.dp_s == 0);
  layout.zero_group = 8;
  const StepTime hybrid = step_time(j, layout, e);
  CHECK(hybrid.layer.fsdp_s < flat.layer.fsdp_s);
  CHECK(hybrid.dp_s > 0);
  layout.zero_group = 0;
  j.reshard = false;
  j.global_batch = 64 * 8;  // eight micro-batches share one gather
  const StepTime kept = step_time(j, layout, e);
  j.reshard = true;
  CHECK(kept.layer.fsdp_s < step_time(j, layout, e).layer.fsdp_s);
  Efficiency exposed = e;
  exposed.factors["fsdp_overlap"] = {1e-9, 0};
  CHECK(step_time(j, layout, exposed).step_s > step_time(j, layout, e).step_s);
}

TEST_CASE("context parallelism: a ring hides behind long attention, exchanges do not") {
  Job j = job("h100-sxm-80", 8);
  j.sequence_length = 131072;
  j.global_batch = 8;
  model::Layout layout;
  layout.cp = 8;
  layout.zero = 3;
  const Efficiency e = efficiency();
  CHECK(step_time(j, layout, e).layer.cp_s == Approx(7 * 3e-5));  // hops only
  j.context_exchange = ContextExchange::all_gather;
  // keys and values of the whole sequence, forward, backward and their gradients
  const double bytes = 2.0 * 131072 * 2 * 1024;
  CHECK(step_time(j, layout, e).layer.cp_s == Approx(3 * (7 * 1e-5 + 7.0 / 8 * bytes / (0.8 * 450e9))));
  j.context_exchange = ContextExchange::all_to_all;
  const double moved = 2.0 * 16384 * (2 * 1024 + 2 * 4096);
  CHECK(step_time(j, layout, e).layer.cp_s == Approx(2 * (7.0 / 8 * moved / (0.8 * 450e9) + 4e-5)));
}

TEST_CASE("experts: time falls with expert parallelism inside a node and the exchange is paid") {
  Job j = job("h100-sxm-80", 8);
  j.shape.experts.experts = 64;
  j.shape.experts.per_token = 8;
  j.shape.experts.expert_ffn = 1024;
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  const Efficiency e = efficiency();
  const StepTime alone = step_time(j, layout, e);
  CHECK(alone.layer.ep_s == 0);
  layout.ep = 8;
  const StepTime spread = step_time(j, layout, e);
  // 4 exchanges of 8 copies of each token, 7 of 8 of them leave: 2·8192·4096·8·7/8 bytes
  CHECK(spread.layer.ep_s == Approx(4 * (2.0 * 8192 * 4096 * 8 * 7 / 8 / (0.8 * 450e9) + 1e-5)));
  CHECK(spread.dp_s < alone.dp_s);
  CHECK(std::log(spread.interval_high_s / spread.step_s) == Approx(1.6448536 * 0.5));
}

TEST_CASE("latent attention costs its own projections") {
  Job j = job("h100-sxm-80", 8);
  model::Layout layout;
  layout.dp = 8;
  layout.zero = 1;
  const Efficiency e = efficiency();
  const LayerTime grouped = step_time(j, layout, e).layer;
  j.shape.latent = {512, 1536, 128, 64, 128};
  j.shape.kv_heads = 32;
  const LayerTime latent = step_time(j, layout, e).layer;
  // scores contract over 192 values instead of 128, values stay at 128: 320 / 256
  CHECK(latent.attention_s / grouped.attention_s == Approx(320.0 / 256));
  CHECK(latent.gemm_s != grouped.gemm_s);
}

TEST_CASE("published step times: selective recomputation of Korthikanti et al.") {
  // arXiv:2205.05198 Table 5, 64 A100, 175B: 18.13 s with full recomputation, 13.75 s with sequence
  // parallelism and selective recomputation; the shipped calibration
  const auto shipped = default_efficiency(catalogue);
  REQUIRE(shipped);
  Job j = job("a100-sxm-80", 64);
  j.engine = Engine::megatron_2021;
  apply_engine_defaults(j);
  j.attention = AttentionKernel::unfused;
  model::Shape& s = j.shape;
  s.layers = 96;
  s.hidden = 12288;
  s.heads = s.kv_heads = 96;
  s.ffn = 49152;
  s.vocabulary = 51200;
  s.gated = false;
  s.tied = true;
  j.sequence_length = 2048;
  j.global_batch = 64;
  model::Layout layout;
  layout.tp = 8;
  layout.pp = 8;
  layout.interleave = 3;
  layout.recompute = model::Recompute::full;
  const StepTime full = step_time(j, layout, *shipped);
  CHECK(full.interval_low_s < 18.13);
  CHECK(full.interval_high_s > 18.13);
  layout.recompute = model::Recompute::selective;
  layout.sequence_parallel = true;
  const StepTime selective = step_time(j, layout, *shipped);
  CHECK(selective.interval_low_s < 13.75);
  CHECK(selective.interval_high_s > 13.75);
  CHECK(full.step_s / selective.step_s == Approx(18.13 / 13.75).margin(0.07));
}

TEST_CASE("better links and fewer devices per batch never slow a step") {
  const Efficiency e = efficiency();
  for (const int zero : {0, 1, 3}) {
    Job j = job("a100-sxm-80", 128);
    model::Layout layout;
    layout.tp = 4;
    layout.pp = 2;
    layout.dp = 16;
    layout.zero = zero;
    const double base = step_time(j, layout, e).step_s;
    Job faster = j;
    faster.machine.nic = 2 * j.machine.nic;
    CHECK(step_time(faster, layout, e).step_s <= base);
    faster = j;
    faster.machine.link = 2 * j.machine.link;
    CHECK(step_time(faster, layout, e).step_s <= base);
    faster = j;
    faster.machine.memory_bandwidth = 2 * j.machine.memory_bandwidth;
    CHECK(step_time(faster, layout, e).step_s < base);
    Job larger = j;
    larger.global_batch *= 2;
    CHECK(step_time(larger, layout, e).step_s > base);
    CHECK(step_time(larger, layout, e).step_s <= 2 * base);
  }
}

TEST_CASE("tables and one call agree") {
  const Job j = job("h100-sxm-80", 64);
  const Efficiency e = efficiency();
  const StepModel model(j, e);
  model::Layout layout;
  layout.tp = 2;
  layout.dp = 32;
  layout.zero = 1;
  const MicroBatchTime once = model.micro_batch(layout);
  layout.pp = 4;
  layout.dp = 8;
  layout.interleave = 2;
  CHECK(model.step(layout, once).step_s == step_time(j, layout, e).step_s);
}
