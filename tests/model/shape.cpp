#include "scaleplan/model/shape.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/catalogue.hpp"

using namespace scaleplan;
using namespace scaleplan::model;

namespace {

Shape llama(std::int64_t layers, std::int64_t hidden, std::int64_t kv, std::int64_t ffn,
            std::int64_t vocabulary) {
  Shape s;
  s.layers = layers;
  s.hidden = hidden;
  s.heads = hidden / 128;
  s.kv_heads = kv;
  s.head_size = 128;
  s.ffn = ffn;
  s.vocabulary = vocabulary;
  return s;
}

Shape gpt2(std::int64_t layers, std::int64_t hidden) {
  Shape s;
  s.layers = layers;
  s.hidden = hidden;
  s.heads = s.kv_heads = hidden / 64;
  s.head_size = 64;
  s.ffn = 4 * hidden;
  s.vocabulary = 50257;
  s.positions = 1024;
  s.gated = false;
  s.tied = s.qkv_bias = s.output_bias = s.ffn_bias = true;
  s.norm = Norm::layer;
  return s;
}

}  // namespace

TEST_CASE("totals equal the published checkpoints") {
  CHECK(count_parameters(llama(32, 4096, 32, 11008, 32000)).total == 6738415616);      // Llama 2 7B
  CHECK(count_parameters(llama(80, 8192, 8, 28672, 32000)).total == 68976648192);      // Llama 2 70B
  CHECK(count_parameters(llama(32, 4096, 8, 14336, 128256)).total == 8030261248);      // Llama 3 8B
  CHECK(count_parameters(llama(126, 16384, 8, 53248, 128256)).total == 405853388800);  // Llama 3.1 405B
  CHECK(count_parameters(gpt2(12, 768)).total == 124439808);                           // GPT-2
  CHECK(count_parameters(gpt2(48, 1600)).total == 1557611200);                         // GPT-2 XL
}

TEST_CASE("every catalogue model reproduces its published counts") {
  const json::Catalogue catalogue;
  const auto ids = catalogue.ids("models");
  REQUIRE(ids.size() >= 20);
  for (const std::string& id : ids) {
    INFO(id);
    Result<Model> model = find_model(catalogue, id);
    if (!model) FAIL(to_text(model.errors().front()));
    CHECK(model->id == id);
    REQUIRE(model->published_total);
    const Parameters counts = count_parameters(model->shape);
    const auto deviation = [](std::int64_t counted, std::int64_t published) {
      return std::abs(static_cast<double>(counted - published)) / static_cast<double>(published);
    };
    CHECK(deviation(counts.total, *model->published_total) <= model->published_tolerance);
    if (model->published_active) {
      CHECK(deviation(counts.active, *model->published_active) <= model->published_active_tolerance);
    }
    if (model->shape.experts.experts > 1) CHECK(model->published_active);
  }
}

TEST_CASE("parts of the count fit together") {
  const Parameters dense = count_parameters(llama(32, 4096, 8, 14336, 128256));
  CHECK(dense.embedding == 2 * 128256LL * 4096);  // untied: input and output tables
  CHECK(dense.non_embedding + dense.embedding == dense.total);
  CHECK(dense.active == dense.total);
  CHECK(dense.head_no_embedding == dense.non_embedding + 128256LL * 4096);
  const Parameters tied = count_parameters(gpt2(12, 768));
  CHECK(tied.embedding == (50257LL + 1024) * 768);
  CHECK(tied.non_embedding == 85056000);  // 12 layers of 7,087,872 and the last norm of 1,536
}

TEST_CASE("FLOP per token follow the stated convention") {
  // Llama 3 8B, weights of a layer written out: 2·(4096·4096 + 4096·1024) + 3·4096·14336 = 218,103,808;
  // causal half of attention 2·32·128·s per layer; output head 2·4096·128256
  const Shape shape = llama(32, 4096, 8, 14336, 128256);
  const double forward = 32 * (2 * 218103808.0 + 2 * 4096.0 * 8192) + 2 * 4096.0 * 128256;
  const TokenFlop flop = flop_per_token(shape, 8192);
  CHECK(flop.forward.raw() == forward);
  CHECK(flop.training.raw() == 3 * forward);
  // without attention it is 6 FLOP per weight that is multiplied
  const Parameters p = count_parameters(shape);
  const double multiplied = static_cast<double>(p.head_no_embedding - (2 * 32 + 1) * 4096);
  CHECK(flop_per_token(shape, 0).training.raw() == 6 * multiplied);
  CHECK(kv_bytes_per_token(shape, 2) == 2 * 2 * 32 * 8 * 128);
}

TEST_CASE("a token pays only for the experts it visits") {
  Shape moe = llama(32, 4096, 8, 14336, 32000);
  const Shape dense = moe;
  moe.experts = {8, 1, 14336, 0, 0, false};
  // one expert of eight: the dense model and a router of 4096·8 in each layer
  CHECK(count_parameters(moe).active == count_parameters(dense).active + 32LL * 4096 * 8);
  CHECK(flop_per_token(moe, 100).forward.raw() - flop_per_token(dense, 100).forward.raw() ==
        2 * 32.0 * 4096 * 8);
}

TEST_CASE("impossible shapes are named") {
  Shape shape = llama(32, 4096, 8, 14336, 128256);
  CHECK(defect(shape).empty());
  shape.kv_heads = 5;
  CHECK(defect(shape) == "32 heads are not a multiple of 5 key/value heads");
  shape = llama(32, 4096, 8, 14336, 128256);
  shape.experts = {4, 8, 100, 0, 0, false};
  CHECK(defect(shape) == "8 of 4 experts per token");
  shape = llama(100000, 1 << 20, 8, 1 << 21, 1000);
  shape.experts = {100000, 1, 1 << 21, 0, 0, false};
  CHECK(defect(shape).find("more than 1e18") != std::string::npos);
}

TEST_CASE("a model file with errors says them all") {
  auto document = json::parse(
      R"({"schema":"scaleplan/model/1","id":"x","shape":{"layers":2,"hidden":-4,"heads":3,"kv_head":1}})",
      "m.json");
  REQUIRE(document);
  Result<Model> model = read_model(*document);
  REQUIRE(!model);
  std::string all;
  for (const Diagnostic& d : model.errors()) all += to_text(d) + "\n";
  INFO(all);
  CHECK(all.find("/shape/hidden") != std::string::npos);
  CHECK(all.find("kv_heads") != std::string::npos);  // suggestion for the typo
  CHECK(all.find("vocabulary") != std::string::npos);
  CHECK(all.find("m.json:1:") != std::string::npos);
}
