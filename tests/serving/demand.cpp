#include "scaleplan/serving/demand.hpp"

#include <catch2/catch.hpp>

namespace scaleplan::serving {

namespace {

Result<Demand> read(const std::string& text) {
  return read_demand(json::parse(text, "demand.json").value());
}

std::string with(const std::string& members) {
  return R"({"schema": "scaleplan/demand/1", "tokens_per_day": {"input": "40B", "output": "8B"},
             "request": {"input": {"mean": 1800, "p95": 6000}, "output": {"mean": 360, "p95": 1200}})" +
         (members.empty() ? "" : ", " + members) + "}";
}

std::string first_error(const std::string& text) {
  const Result<Demand> demand = read(text);
  return demand ? "" : to_text(demand.errors().front());
}

}  // namespace

TEST_CASE("a demand in full", "[serving]") {
  const Result<Demand> demand = read(with(
      R"("lifetime": "18mo", "growth_per_year": 1.5, "peak_to_mean": 2.5, "samples_per_query": 2, "prefix_hit_rate": 0.3,
         "slo": {"percentile": 0.95, "ttft_s": 0.8, "tpot_s": "40ms"},
         "serving": {"clusters": [{"id": "dgx-h200", "usd_per_device_hour": 2.90, "price_date": "2025-09", "region": "us-or", "pue": 1.15}],
                     "weight_precision": ["fp8", "bf16"], "kv_precision": ["fp8"], "tp": [2, 4, 8],
                     "utilisation_max": 0.6, "spare_replicas": 1})"));
  REQUIRE(demand);
  CHECK(demand->queries_per_s() == Approx(8e9 / 360 / 86400));
  CHECK(demand->tpot->raw() == Approx(0.04));
  CHECK(demand->samples_per_query == 2);
  CHECK(demand->site("dgx-h200")->price_per_device_hour->raw() == 2.9);
  CHECK(demand->site("dgx-h100") == nullptr);
  CHECK(demand->tp == std::vector<std::int64_t>{2, 4, 8});
  CHECK(demand->assumed.empty());
}

TEST_CASE("what a demand leaves out is assumed and said", "[serving]") {
  const Result<Demand> demand = read(with(""));
  REQUIRE(demand);
  CHECK(demand->peak_to_mean.value == 2);
  REQUIRE(demand->assumed.size() == 2);
  CHECK(demand->assumed[0].key == "peak_to_mean");
  CHECK(demand->assumed[1].key == "slo");
}

TEST_CASE("tails that no lognormal has are told", "[serving]") {
  const Result<Demand> demand = read(
      R"({"schema": "scaleplan/demand/1", "tokens_per_day": {"input": "40B", "output": "8B"}, "peak_to_mean": 2,
          "request": {"input": {"mean": 1800, "p95": 8000}, "output": 360}, "slo": {"ttft_s": 1}})");
  REQUIRE(demand);
  CHECK(demand->input.heavier);
  CHECK(demand->input.mean == 1800);
  REQUIRE(demand->assumed.size() == 1);
  CHECK(demand->assumed[0].source == "no lognormal has a p95 of 4.44 means (at most 3.87)");
}

TEST_CASE("uncertain quantities have three percentiles in order", "[serving]") {
  const Result<Demand> demand = read(with(R"("peak_to_mean": {"p10": 1.5, "p50": 2, "p90": 4})"));
  REQUIRE(demand);
  CHECK(demand->peak_to_mean.value == 2);
  CHECK(*demand->peak_to_mean.p90 == 4);
  CHECK_FALSE(read(with(R"("peak_to_mean": {"p10": 3, "p50": 2, "p90": 4})")));
  CHECK_FALSE(read(with(R"("peak_to_mean": {"p50": 2})")));
}

TEST_CASE("demands that make no sense are refused with place and remedy", "[serving]") {
  CHECK(
      first_error(with(R"("slo": {"percentile": 95})")) ==
      "demand.json:2:125: /slo/percentile: percentile 95 is above 1; percentiles are fractions: write 0.95");
  CHECK_FALSE(read(with(R"("slo": {"percentile": 1})")));
  CHECK_FALSE(read(with(R"("slo": {"ttft_s": 0})")));
  CHECK_FALSE(read(with(R"("slo": {"ttft_s": -1})")));
  CHECK_FALSE(read(with(R"("prefix_hit_rate": 1.2)")));
  CHECK_FALSE(read(with(R"("prefix_hit_rate": 1)")));
  CHECK_FALSE(read(with(R"("peak_to_mean": 0.5)")));
  CHECK_FALSE(read(with(R"("growth_per_year": 0)")));
  CHECK_FALSE(read(with(R"("samples_per_query": 0)")));
  CHECK_FALSE(read(with(R"("serving": {"utilisation_max": 1.1})")));
  CHECK_FALSE(read(with(R"("serving": {"clusters": [{"id": "x", "usd_per_device_hour": -1}]})")));
  CHECK_FALSE(read(with(R"("serving": {"clusters": [{"id": "x", "pue": 0.9}]})")));
  CHECK_FALSE(read(with(R"("serving": {"tp": [3.5]})")));
  CHECK(first_error(with(R"("serving": {"weight_precision": ["fp88"]})")).find("fp8") != std::string::npos);
  CHECK(first_error(with(R"("peak_to_men": 2)")).find("peak_to_mean") != std::string::npos);
}

TEST_CASE("a demand of nothing, or of two numbers of requests, is refused", "[serving]") {
  const std::string nothing =
      R"({"schema": "scaleplan/demand/1", "tokens_per_day": {"input": "1B", "output": 0}, "request": {"input": 10, "output": 10}})";
  CHECK(first_error(nothing).find("/tokens_per_day/output") != std::string::npos);
  const std::string two =
      R"({"schema": "scaleplan/demand/1", "tokens_per_day": {"input": "1B", "output": "1B"}, "request": {"input": 100, "output": 10}})";
  CHECK(first_error(two).find("requests a day") != std::string::npos);
  const std::string tail =
      R"({"schema": "scaleplan/demand/1", "tokens_per_day": {"input": "1B", "output": "1B"}, "request": {"input": 100, "output": {"mean": 100, "p95": 50}}})";
  CHECK(first_error(tail).find("below the mean") != std::string::npos);
  CHECK_FALSE(read(R"({"schema": "scaleplan/demand/1"})"));
  CHECK_FALSE(read(R"({"schema": "scaleplan/demand/2"})"));
  CHECK_FALSE(read("[]"));
}

}  // namespace scaleplan::serving
