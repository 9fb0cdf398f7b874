#include <catch2/catch.hpp>
#include <cmath>

#include "scaleplan/serving/load.hpp"
#include "serving/support.hpp"

namespace scaleplan::serving {

namespace {

Constants ideal() {
  Constants c;
  c.weight_read = c.gemm_16bit = c.gemm_8bit = c.gemm_4bit = c.expert_gemm = c.cache_read = 1;
  c.expert_spread = c.attention = c.link_share = 1;
  c.layer_classic_s = c.layer_current_s = c.moe_layer_s = c.pass_s = c.link_latency_s = 0;
  c.sequence_compiled_s = c.sequence_python_s = 0;
  return c;
}

Operation at_maximum(const Replica& replica, const Request& request) {
  const Constants constants;
  return operate(Clock(replica, constants), request, {}, constants);
}

}  // namespace

TEST_CASE("a token leaves the published bytes of keys and values", "[serving]") {
  // 16 bits; the papers' shapes, and for latent attention 61 x (512 + 64) values
  const std::pair<const char*, double> published[] = {
      {"gpt3-175b", 4718592}, {"llama-2-7b", 524288},   {"llama-3-70b", 327680},
      {"llama-3-8b", 131072}, {"mixtral-8x7b", 131072}, {"llama-3.1-405b", 516096},
      {"deepseek-v3", 70272}, {"qwen3-32b", 262144},    {"falcon-180b", 163840},
  };
  for (const auto& [id, bytes] : published) {
    INFO(id);
    CHECK(2 * body_of(shape_of(id)).cache_values_per_token() == bytes);
  }
}

TEST_CASE("parameters are split into those that every token meets and routed experts", "[serving]") {
  // 58 layers x 256 experts x 3 x 7168 x 2048
  const Body deepseek = body_of(shape_of("deepseek-v3"));
  CHECK(deepseek.expert_params == Approx(653908770816.0));
  CHECK(deepseek.latent);
  CHECK(deepseek.dense_params == Approx(671e9 - 653.9e9 - 129280.0 * 7168).epsilon(0.01));
  const Body mixtral = body_of(shape_of("mixtral-8x7b"));
  CHECK(mixtral.expert_params == Approx(45097156608.0));
  CHECK(body_of(shape_of("llama-3-70b")).dense_params == Approx(70553706496.0 - 128256.0 * 8192));
}

TEST_CASE("compute equals the weight read at the ridge of the data sheets", "[serving]") {
  // tokens = bytes per weight x FLOP/s / (2 x bytes/s); jax-ml/scaling-book inference.md gives 240 for TPU
  // v5e
  const std::tuple<const char*, const char*, double> ridges[] = {
      {"a100-sxm-80", "bf16", 153}, {"h100-sxm-80", "bf16", 295}, {"h100-sxm-80", "fp8", 295},
      {"h200-sxm", "bf16", 206},    {"b200-sxm", "bf16", 281},    {"l40s", "bf16", 419},
      {"mi300x", "bf16", 247},      {"tpu-v5e", "bf16", 240},
  };
  const Constants constants = ideal();
  for (const auto& [device, precision, tokens] : ridges) {
    INFO(device << " " << precision);
    const Replica one = replica("llama-3-8b", device, 1, precision);
    const Pass pass = Clock(one, constants).pass(tokens);
    CHECK(pass.dense_compute / pass.dense_read == Approx(1).epsilon(0.015));
  }
}

TEST_CASE("a batch reads the experts that it hits under uniform routing", "[serving]") {
  // E (1 - (1 - k/E)^B): Mixtral 8 of which 2, DeepSeek-V3 256 of which 8
  const std::tuple<const char*, double, double, double> rows[] = {
      {"mixtral-8x7b", 8, 1, 2},     {"mixtral-8x7b", 8, 4, 5.47},       {"mixtral-8x7b", 8, 16, 7.92},
      {"deepseek-v3", 256, 1, 8},    {"deepseek-v3", 256, 4, 30.5},      {"deepseek-v3", 256, 16, 102},
      {"deepseek-v3", 256, 64, 222}, {"qwen3-235b-a22b", 128, 16, 82.4}, {"gpt-oss-120b", 128, 64, 111},
  };
  const Constants constants;
  for (const auto& [id, experts, batch, hit] : rows) {
    INFO(id << " " << batch);
    const Replica one = replica(id, "b200-sxm", 1, "bf16");
    const Clock clock(one, constants);
    CHECK(experts * clock.pass(batch).expert_read / clock.pass(1e9).expert_read ==
          Approx(hit).epsilon(0.006));
  }
}

TEST_CASE("the bandwidth roofline gives the scaling book's decode steps", "[serving]") {
  // jax-ml/scaling-book inference.md: Llama-2-13B in bf16 on 8 TPU v5e at 8.2e11 B/s, 8192 tokens of context
  Replica book;
  book.body.layers = 40;
  book.body.heads = book.body.kv_heads = 40;
  book.body.cache_width = 2 * 40 * 128;
  book.body.dense_params = 13e9;
  book.numbers.dense = {2, Compute::bits16, 1.97e14};
  book.numbers.experts = book.numbers.dense;
  book.numbers.peak_16bit = 1.97e14;
  book.memory_bandwidth = 8.2e11;
  book.tp = 8;
  const Request request{8192, 0, 0, 0, 0};
  CHECK(roofline_step(book, 1, request) == Approx(4.98e-3).epsilon(0.01));
  CHECK(roofline_step(book, 16, request) == Approx(20.3e-3).epsilon(0.01));
  CHECK(roofline_step(book, 64, request) == Approx(69.3e-3).epsilon(0.01));
}

TEST_CASE("Llama-3-70B on eight H100: weights, keys and values, links", "[serving]") {
  const Replica eight = replica("llama-3-70b", "h100-sxm-80", 8, "bf16");
  const Constants constants;
  const Clock clock(eight, constants);
  const Request request{2048, 512, 0, 0, 0};
  // 2 bytes x 69.5e9 over 8 x 3.35e12 bytes/s, 5.2 ms at the data sheet's bandwidth
  const double weights = 2 * eight.body.dense_params / (8 * 3.35e12);
  CHECK(weights == Approx(5.2e-3).epsilon(0.01));
  const DecodeStep one = clock.decode(1, request.mean_context());
  const DecodeStep many = clock.decode(64, request.mean_context());
  CHECK(one.pass.dense_read == Approx(weights / constants.weight_read));
  CHECK(many.pass.dense_read == one.pass.dense_read);
  // 2304 tokens x 327,680 bytes for each of 64 sequences
  CHECK(many.attention == Approx(64 * 2304 * 327680.0 / (8 * 3.35e12 * constants.cache_read)));
  // 160 collectives: their floor, whatever the batch
  CHECK(one.pass.link == Approx(160 * constants.link_latency_s).epsilon(0.05));
  CHECK(one.total() > roofline_step(eight, 1, request));
  // 64 sequences cost far less than 64 steps of one
  CHECK(many.total() < 2 * one.total());
  CHECK(64 / many.total() > 30 / one.total());
}

TEST_CASE("a second implementation of the same formulas gave these operating points", "[serving]") {
  // batch limit, decode step, mean step and tokens per second under full load, with the rounded constants
  const Replica h100 =
      replica("llama-3-70b", "h100-sxm-80", 4, "fp8", engine_of("tensorrt-llm", Overhead::classic));
  const Operation full = at_maximum(h100, {2048, 2048, 0, 0, 0});
  CHECK(full.batch_limit == Approx(374.3).epsilon(0.005));
  CHECK(full.parts.step.pass.total() == Approx(23.8e-3).epsilon(0.005));
  CHECK(full.parts.step.attention == Approx(14.8e-3).epsilon(0.005));
  CHECK(full.step_s == Approx(46.1e-3).epsilon(0.005));
  CHECK(full.tpot_s == Approx(63.4e-3).epsilon(0.005));
  CHECK(full.tokens_per_s == Approx(5902).epsilon(0.005));
  Replica b200 = replica("deepseek-v3", "b200-sxm", 4, "fp4");
  b200.attention_dp = b200.expert_parallel = true;
  const Operation pooled = at_maximum(b200, {1024, 1024, 0, 0, 0});
  CHECK(pooled.batch_limit == Approx(3913).epsilon(0.005));
  CHECK(pooled.step_s == Approx(120e-3).epsilon(0.01));
  CHECK(pooled.tpot_s == Approx(187e-3).epsilon(0.01));
  CHECK(pooled.tokens_per_s == Approx(20899).epsilon(0.01));
}

TEST_CASE("clients in a closed loop and open arrivals settle where the loads balance", "[serving]") {
  const Constants constants;
  const Replica two = replica("llama-3-70b", "h100-sxm-80", 2, "fp8", engine_of("vllm"));
  const Request request{1024, 1024, 0, 0, 0};
  const Clock clock(two, constants);
  Load closed{Load::Kind::closed, 64};
  const Operation at = operate(clock, request, closed, constants);
  CHECK(at.batch == Approx(63.4).epsilon(0.005));  // of the second implementation
  CHECK(at.step_s == Approx(28.6e-3).epsilon(0.005));
  CHECK(at.tpot_s == Approx(33.3e-3).epsilon(0.005));
  CHECK(at.prefill_s == Approx(92e-3).epsilon(0.01));
  Load open{Load::Kind::open, 0, 1.5, 0};
  const Operation endless = operate(clock, request, open, constants);
  // Little: sequences in flight = arrivals x time in service
  CHECK(endless.batch == Approx(1.5 * request.output * endless.tpot_s).epsilon(1e-6));
  CHECK(endless.tokens_per_s == Approx(1.5 * request.output).epsilon(1e-6));
}

TEST_CASE("nothing is faster than the bare roofline", "[serving]") {
  const Constants constants;
  const Request requests[] = {
      {32, 2048, 0, 0, 0}, {2048, 128, 0, 0, 0}, {20000, 500, 0, 0, 0}, {4000, 400, 2000, 2000, 0}};
  for (const char* model : {"llama-3-8b", "llama-3.1-405b", "mixtral-8x7b", "deepseek-v3", "gpt-oss-120b"}) {
    for (const char* device : {"a100-sxm-80", "h100-sxm-80", "b200-sxm", "mi300x"}) {
      for (const char* precision : {"bf16", "fp8", "fp4", "int4"}) {
        for (const std::int64_t tp : {1, 2, 8}) {
          for (const bool ranks : {false, true}) {
            Replica one = replica(model, device, tp, precision);
            one.attention_dp = one.expert_parallel = ranks && tp > 1 && one.body.routed();
            const Clock clock(one, constants);
            for (const Request& request : requests) {
              for (const double batch : {1.0, 7.0, 64.0, 1000.0}) {
                const double bound = roofline_step(one, batch, request);
                REQUIRE(clock.decode(batch, request.mean_context()).total() > bound);
                REQUIRE(clock.mean(batch, request).total() > bound);
                REQUIRE(clock.prefill(batch, request) > roofline_prefill(one, batch, request));
              }
            }
          }
        }
      }
    }
  }
}

TEST_CASE("steps grow and throughput never falls with the batch", "[serving]") {
  const Constants constants;
  for (const char* model : {"llama-3-70b", "mixtral-8x7b", "deepseek-v3"}) {
    const Replica one = replica(model, "h200-sxm", 8, "fp8");
    const Clock clock(one, constants);
    const Request request{1000, 300, 0, 0, 0};
    double step = 0;
    double rate = 0;
    for (double batch = 1; batch < 3000; batch *= 1.3) {
      const double next = clock.mean(batch, request).total();
      CHECK(next > step);
      CHECK(batch / next > rate);
      step = next;
      rate = batch / next;
    }
  }
}

TEST_CASE("a pipeline holds more sequences and passes a token no faster", "[serving]") {
  const Constants constants;
  const Replica flat = replica("llama-3-70b", "h100-sxm-80", 4, "bf16");
  Replica piped = flat;
  piped.pp = 2;
  piped.stage_link = flat.link;
  const Request request{1024, 256, 0, 0, 0};
  const Clock a(flat, constants);
  const Clock b(piped, constants);
  CHECK(b.batch_limit(request) > 2 * a.batch_limit(request));
  CHECK(b.decode(1, 1000).total() > a.decode(1, 1000).total() * 0.99);
  // two groups in flight: twice the sequences for about the step of one group
  CHECK(b.decode(128, 1000).total() == Approx(a.decode(64, 1000).total()).epsilon(0.05));
}

TEST_CASE("cached and shared prompts spare computation and memory", "[serving]") {
  const Constants constants;
  const Replica one = replica("llama-3-8b", "h100-sxm-80", 1, "bf16");
  const Clock clock(one, constants);
  const Request plain{4000, 200, 0, 0, 0};
  const Request cached{4000, 200, 3000, 3000, 0};
  CHECK(clock.prefill(1, cached) < 0.5 * clock.prefill(1, plain));
  CHECK(clock.batch_limit(cached) == Approx(clock.batch_limit(plain) * 4200 / 1200).epsilon(1e-9));
  CHECK(clock.decode(8, cached.mean_context()).total() == clock.decode(8, plain.mean_context()).total());
}

}  // namespace scaleplan::serving
