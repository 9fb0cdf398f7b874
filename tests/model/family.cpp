#include "scaleplan/model/family.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace scaleplan;
using namespace scaleplan::model;

namespace {

const json::Catalogue catalogue;

Family family(const std::string& id) {
  Result<Family> found = find_family(catalogue, id);
  if (!found) FAIL(to_text(found.errors().front()));
  return *found;
}

constexpr Count every_count[] = {Count::total, Count::active, Count::non_embedding,
                                 Count::active_non_embedding, Count::head_no_embedding};

}  // namespace

TEST_CASE("every family reproduces published members") {
  for (const std::string& id : catalogue.ids("families")) {
    const Family f = family(id);
    REQUIRE(!f.checks.empty());
    for (const FamilyCheck& check : f.checks) {
      INFO(id << " " << check.layers << " x " << check.hidden);
      CHECK(count_parameters(f.shape(check.layers, check.hidden)).total == check.params);
    }
  }
}

TEST_CASE("enumeration finds exactly the shapes in the range") {
  for (const char* id : {"llama3", "llama2", "gpt2", "qwen3-moe"}) {
    const Family f = family(id);
    for (Count count : every_count) {
      const double low = 4e8;
      const double high = 3e9;
      std::set<std::pair<std::int64_t, std::int64_t>> found;
      enumerate(f, count, low, high, [&](const Shape& shape, const Parameters& parameters) {
        CHECK(counted(parameters, count) == counted(count_parameters(shape), count));
        CHECK(found.insert({shape.hidden, shape.layers}).second);
      });
      // the plain search over a box that is far too wide
      std::size_t expected = 0;
      const std::int64_t step = std::max(f.hidden_multiple_of, f.hidden_per_head);
      for (std::int64_t hidden = step; hidden < 20000; hidden += step) {
        for (std::int64_t layers = 1; layers < 400; ++layers) {
          const double aspect = static_cast<double>(hidden) / static_cast<double>(layers);
          if (aspect < f.aspect_low || aspect > f.aspect_high) continue;
          const auto n = static_cast<double>(counted(count_parameters(f.shape(layers, hidden)), count));
          if (n < low || n > high) continue;
          ++expected;
          CHECK(found.count({hidden, layers}) == 1);
        }
      }
      INFO(id << " " << count_name(count));
      CHECK(found.size() == expected);
      CHECK(expected > 20);
    }
  }
}

TEST_CASE("the smooth curve passes through shapes that need no rounding") {
  const Family f = family("llama3");
  const Shape shape = f.shape(32, 4096);  // Llama 3 8B: aspect 128, feed-forward width exactly 3.5·4096
  const Parameters p = count_parameters(shape);
  for (Count count : every_count) {
    const SmoothPoint point = smooth_point(f, count, static_cast<double>(counted(p, count)), 8192, 128);
    CHECK(point.hidden == Approx(4096).epsilon(1e-12));
    CHECK(point.layers == Approx(32).epsilon(1e-12));
    CHECK(point.total == Approx(static_cast<double>(p.total)).epsilon(1e-12));
    CHECK(point.non_embedding == Approx(static_cast<double>(p.non_embedding)).epsilon(1e-12));
    CHECK(point.flop_per_token == Approx(flop_per_token(shape, 8192).training.raw()).epsilon(1e-12));
    CHECK(point.attention_flop_per_token == Approx(6.0 * 32 * 4096 * 8192).epsilon(1e-12));
  }
}

TEST_CASE("the slope of FLOP along the curve equals differences") {
  for (const char* id : {"llama3", "gpt2", "qwen3-moe"}) {
    Family f = family(id);
    for (int experts : {1, 16}) {
      f.base.experts.per_token = std::min<std::int64_t>(f.base.experts.per_token, experts);
      f.base.experts.experts = experts;
      for (double size : {3e4, 2e7, 1e9, 3e11, 1e14}) {
        const double e = 1e-5;
        auto log_flop = [&](double s) {
          return std::log(smooth_point(f, Count::active, s, 4096, f.aspect_reference).flop_per_token);
        };
        const double slope = (log_flop(size * std::exp(e)) - log_flop(size * std::exp(-e))) / (2 * e);
        INFO(id << " " << experts << " " << size);
        CHECK(smooth_point(f, Count::active, size, 4096, f.aspect_reference).dlog_flop_dlog_size ==
              Approx(slope).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("no shape needs fewer FLOP than the family's bound") {
  for (const char* id : {"llama3", "llama2", "gpt2", "qwen3-moe"}) {
    Family f = family(id);
    for (int experts : {1, 8}) {
      f.base.experts.per_token = std::min<std::int64_t>(f.base.experts.per_token, experts);
      f.base.experts.experts = experts;
      for (Count count : every_count) {
        double closest = 10;
        enumerate(f, count, 3e7, 2e11, [&](const Shape& shape, const Parameters& p) {
          if ((shape.layers * 31 + shape.hidden / 64) % 11 != 0) return;
          const double least = least_flop_per_token(f, count, static_cast<double>(counted(p, count)));
          closest = std::min(closest, flop_per_token(shape, 256).training.raw() / least);
        });
        INFO(id << " " << experts << " experts, " << count_name(count));
        CHECK(closest >= 1);
        CHECK(closest < 1.12);  // a bound that is far off bounds nothing
      }
    }
  }
}

TEST_CASE("a family whose reference aspect lies outside its range is refused") {
  auto document = json::parse(
      R"({"schema":"scaleplan/family/1","id":"x","vocabulary":100,"aspect":{"low":64,"high":100,"reference":128}})",
      "f.json");
  REQUIRE(document);
  Result<Family> found = read_family(*document);
  REQUIRE(!found);
  CHECK(to_text(found.errors().front()).find("/aspect/reference") != std::string::npos);
}
