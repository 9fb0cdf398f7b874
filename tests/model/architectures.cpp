#include <catch2/catch.hpp>
#include <cmath>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/model/inspection.hpp"
#include "scaleplan/model/layout.hpp"

using namespace scaleplan;
using namespace scaleplan::model;

namespace {

const json::Catalogue catalogue;

Shape shape_of(const std::string& id) {
  Result<Model> model = find_model(catalogue, id);
  if (!model) FAIL(to_text(model.errors().front()));
  return model->shape;
}

// Positions that the tokens of a sequence attend to, one by one: what a kernel that masks exactly would do.
double mean_positions(std::int64_t sequence, std::int64_t window) {
  double sum = 0;
  for (std::int64_t token = 0; token < sequence; ++token) {
    sum += static_cast<double>(window > 0 ? std::min(token + 1, window) : token + 1);
  }
  return sum / static_cast<double>(sequence);
}

}  // namespace

TEST_CASE("latent attention counts its low ranks") {
  // DeepSeek-V3, one layer of attention: queries 7168·1536 + 1536·128·192, keys and values 7168·576 +
  // 512·128·256, output 128·128·7168; gains 1536 + 512
  const double layer =
      7168.0 * 1536 + 1536.0 * 128 * 192 + 7168.0 * 576 + 512.0 * 128 * 256 + 128.0 * 128 * 7168;
  const Shape shape = shape_of("deepseek-v3");
  const auto all = parts(shape, 4096);
  REQUIRE(all.front().name == "attention");
  CHECK(static_cast<double>(all.front().params) == 61 * layer);
  // causal half of scores (192) and values (128) over 4096 tokens
  CHECK(all.front().attention_scores.raw() == 61 * 128.0 * (192 + 128) * 4096);
  CHECK(kv_bytes_per_token(shape, 2) == 2 * 61 * (512 + 64));
  Shape direct = shape;
  direct.latent.q_rank = 0;
  CHECK(count_parameters(shape).total - count_parameters(direct).total ==
        61 * (1536LL * 7168 + 1536LL * 128 * 192 + 1536 - 7168LL * 128 * 192));
}

TEST_CASE("a window bounds attention and the cache") {
  Shape shape = shape_of("mistral-7b");
  shape.window = shape.window_layers = 0;
  const double weights = flop_per_token(shape, 0).forward.raw();
  const double per_position = 4.0 * 32 * 32 * 128;  // layers · heads · head size, scores and values
  for (std::int64_t sequence : {100, 4096, 5000, 40000}) {
    Shape windowed = shape;
    windowed.window = 4096;
    windowed.window_layers = 16;
    const double exact = 0.5 * (mean_positions(sequence, 4096) + mean_positions(sequence, 0));
    const double counted = (flop_per_token(windowed, sequence).forward.raw() - weights) / per_position;
    // the convention counts half of the square: half a position less than the exact triangle
    CHECK(counted == Approx(exact - 0.5).margin(0.26));
    CHECK(kv_bytes(windowed, 2, sequence) ==
          2.0 * 2 * 8 * 128 *
              (16.0 * static_cast<double>(std::min<std::int64_t>(sequence, 4096)) +
               16.0 * static_cast<double>(sequence)));
  }
  CHECK(kv_bytes(shape, 2, 1000) == 1000 * kv_bytes_per_token(shape, 2));
}

TEST_CASE("the whole square of attention is twice its causal half") {
  const Shape shape = shape_of("llama-3-8b");
  const double none = flop_per_token(shape, 0).forward.raw();
  const double half = flop_per_token(shape, 8192).forward.raw() - none;
  CHECK(flop_per_token(shape, 8192, AttentionCount::full).forward.raw() - none == Approx(2 * half));
  // arXiv:2204.02311 appendix B: 6·N + 12·layers·heads·head_size·sequence, N without the look-up table
  const Parameters p = count_parameters(shape);
  const double vectors = (2 * 32 + 1) * 4096;
  CHECK(flop_per_token(shape, 8192, AttentionCount::full).training.raw() ==
        Approx(6 * (static_cast<double>(p.head_no_embedding) - vectors) + 12.0 * 32 * 32 * 128 * 8192));
}

TEST_CASE("an encoder-decoder costs half of its weights per token") {
  const Shape t5 = shape_of("t5-base");
  const Parameters p = count_parameters(t5);
  // 12 + 12 layers, 12 of them with a second attention, 4·768² each; networks 2·768·3072; head 768·32128
  const double matrices = 36 * 4.0 * 768 * 768 + 24 * 2.0 * 768 * 3072;
  const double head = 768.0 * 32128;
  CHECK(static_cast<double>(p.non_embedding) - matrices == (2 * 12 + 3 * 12 + 2) * 768 + 2 * 32 * 12);
  CHECK(flop_per_token(t5, 0).forward.raw() == matrices + head);
  // encoder and cross attention see all of the other tokens, the decoder half of them
  CHECK(flop_per_token(t5, 512).forward.raw() - flop_per_token(t5, 0).forward.raw() ==
        0.5 * 512 * 768 * (4.0 * 12 + 2.0 * 12 + 4.0 * 12));
  CHECK(kv_bytes(t5, 2, 100) == 100 * 2 * kv_bytes_per_token(t5, 2));
}

TEST_CASE("image models attend both ways and spread what they compute once") {
  const Shape vit = shape_of("vit-b-16");
  // per token: patch 768·768, layers, attention over 197 tokens both ways; once: the class head
  const double layers = 12 * (4.0 * 768 * 768 + 2.0 * 768 * 3072);
  const double forward = 2 * (768.0 * 768 + layers) + 12 * 4.0 * 768 * 197 + 2 * 768.0 * 1000 / 197;
  CHECK(flop_per_token(vit, 197).forward.raw() == Approx(forward).epsilon(1e-14));
  // published: 17.6 GFLOP multiply-adds ×2 = 35.1 GFLOP for an image of 224×224 (torchvision counts 17.56)
  CHECK(197 * forward == Approx(2 * 17.56e9).epsilon(0.005));
  const Shape dit = shape_of("dit-xl-2");
  // arXiv:2212.09748 table 1: 118.6 Gflops (multiply-adds) for 256 tokens
  CHECK(256 * flop_per_token(dit, 256).forward.raw() == Approx(2 * 118.6e9).epsilon(0.005));
}

TEST_CASE("parts add up to the whole") {
  for (const std::string& id : catalogue.ids("models")) {
    INFO(id);
    const Shape shape = shape_of(id);
    const Inspection found = inspect(shape, 1000);
    std::int64_t params = 0;
    std::int64_t active = 0;
    double flop = 0;
    for (const Part& part : found.parts) {
      params += part.params;
      active += part.active_params;
      flop += part.forward.raw();
    }
    CHECK(params == found.params.total);
    CHECK(active == found.params.active);
    CHECK(flop == Approx(found.at.flop.forward.raw()).epsilon(1e-13));
    CHECK(found.params.total >= found.params.active);
  }
}

TEST_CASE("interleaved experts stand in every period-th layer") {
  Shape shape = shape_of("mixtral-8x7b");
  const std::int64_t all = count_parameters(shape).total;
  shape.experts.period = 2;
  const std::int64_t network = 3LL * 4096 * 14336;
  CHECK(all - count_parameters(shape).total == 16 * (8 * network + 8LL * 4096 - network));
  shape.experts.dense_layers = 3;  // of the other 29 layers 14 have experts
  CHECK(all - count_parameters(shape).total == 18 * (8 * network + 8LL * 4096 - network));
}

TEST_CASE("every shape reads back as it is written") {
  for (const std::string& id : catalogue.ids("models")) {
    INFO(id);
    const Shape shape = shape_of(id);
    json::Value entry;
    entry.set("schema", "scaleplan/model/1");
    entry.set("id", id);
    entry.set("shape", shape_to_json(shape));
    auto document = json::parse(json::write(entry), "m.json");
    REQUIRE(document);
    Result<Model> again = read_model(*document);
    if (!again) FAIL(to_text(again.errors().front()));
    CHECK(again->shape == shape);
  }
}

TEST_CASE("shapes that no model can have are named") {
  Shape shape = shape_of("mistral-7b");
  shape.window_layers = 33;
  CHECK(defect(shape) == "33 layers with a window of 32");
  shape.window_layers = 0;
  shape.window = 4096;
  CHECK(defect(shape) == "a window of 4096 tokens in 0 layers");
  shape = shape_of("deepseek-v3");
  shape.latent.value_size = 0;
  CHECK(defect(shape) == "latent attention without a value_size");
  shape = shape_of("t5-base");
  shape.experts = {8, 1, 3072, 0, 0};
  CHECK(defect(shape).find("encoder") != std::string::npos);
}

TEST_CASE("a layout as words leaves out degrees of one") {
  Layout layout;
  CHECK(to_text(layout) == "mbs1 zero0");
  layout = {.tp = 8, .pp = 12, .dp = 4, .zero = 1, .micro_batch = 4, .recompute = Recompute::full};
  CHECK(to_text(layout) == "tp8 pp12 dp4 mbs4 zero1 full");
  layout.interleave = 2;
  layout.cp = 2;
  layout.zero_group = 8;
  layout.sequence_parallel = true;
  CHECK(to_text(layout) == "tp8 pp12 vpp2 cp2 dp4 mbs4 zero1/8 sp full");
}
