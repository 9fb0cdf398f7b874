#include "calibration/serving.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/log_fit.hpp"
#include "calibration/serving_words.hpp"
#include "scaleplan/calibration/calibrate.hpp"

namespace scaleplan::calibration {

namespace {

const json::Catalogue catalogue;

json::Document document_of(const std::string& cases) {
  return json::parse(R"({"schema": "scaleplan/cases/1", "kind": "serving", "cases": [)" + cases + "]}",
                     "cases.json")
      .value();
}

ServingCases cases_of(const std::string& cases) {
  return read_serving_cases(document_of(cases), catalogue).value();
}

struct Made {
  const char* model = "Llama-3.1-70B-Instruct";
  const char* device = "h100-sxm-80";
  const char* precision = "fp8";
  const char* framework = "TensorRT-LLM 1.1";
  int tp = 4;
  double concurrency = 64;
  double input = 1024;
  double output = 512;
};

std::string record(const std::string& id, const std::string& publisher, const Made& m, double tpot,
                   double ttft) {
  return fmt::format(
      R"({{"id": "{}", "publisher": "{}", "model": "{}", "device": "{}", "count": {}, "tp": {}, "pp": 1, "ep": 1,
          "dp": 1, "precision": "{}", "concurrency": {}, "input_len": {}, "output_len": {}, "framework": "{}",
          "arrival": "closed", "score": "main", "surprise": 1, "measured": {{"tpot_s": {}, "ttft_s": {}}}}})",
      id, publisher, m.model, m.device, m.tp, m.tp, m.precision, m.concurrency, m.input, m.output,
      m.framework, tpot, ttft);
}

// Cases whose measurements are the model's own with other constants: 20 % more efficient multiplications and
// quicker launches.
std::string synthetic(const serving::Constants& truth) {
  std::string all;
  int number = 0;
  for (const char* publisher : {"a", "b", "c"}) {
    for (const char* precision : {"bf16", "fp8"}) {
      for (const int tp : {2, 4, 8}) {
        for (const double clients : {4.0, 64.0, 400.0}) {
          Made made;
          made.precision = precision;
          made.tp = tp;
          made.concurrency = clients;
          const std::string id = fmt::format("case-{}", ++number);
          const ServingCase one = cases_of(record(id, publisher, made, 1, 1)).cases.front();
          const serving::Operation at =
              serving::operate(serving::Clock(one.replica, truth), one.request, one.load, truth);
          all += (all.empty() ? "" : ",") + record(id, publisher, made, at.tpot_s, at.ttft_s);
        }
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a fit recovers the constants that made the measurements", "[calibration]") {
  serving::Constants truth;
  truth.gemm_8bit *= 1.2;
  truth.layer_current_s *= 0.85;
  truth.weight_read = 0.95;
  const ServingCases cases = cases_of(synthetic(truth));
  REQUIRE(cases.cases.size() == 54);
  const serving::Efficiency start = serving::default_efficiency(catalogue).value();
  serving::Efficiency rounded = start;
  rounded.constants = {};
  const serving::Efficiency fitted = fit_serving(cases, rounded, "", {});
  CHECK(fitted.constants.gemm_8bit == Approx(truth.gemm_8bit).epsilon(0.05));
  CHECK(fitted.constants.layer_current_s == Approx(truth.layer_current_s).epsilon(0.1));
  CHECK(fitted.constants.weight_read == Approx(truth.weight_read).epsilon(0.05));
  // what no case says anything about stays where it was
  CHECK(fitted.constants.expert_gemm == Approx(serving::Constants{}.expert_gemm).epsilon(1e-3));
  CHECK(fitted.log_se.at("expert_gemm") == Approx(0.2).epsilon(0.05));
  CHECK(fitted.log_se.at("gemm_8bit") < 0.1);
  const Scores scores = scores_of(predict_serving(cases, fitted, 0.9), {});
  CHECK(scores.error.at("speed").mean_abs < 0.02);
  // publishers left out are predicted by the others, which share the same truth
  const Scores left = scores_of(leave_out_publishers(cases, start, 0.9, {}), {});
  CHECK(left.error.at("speed").mean_abs < 0.03);
  CHECK(left.error.at("speed").cases == 54);
}

TEST_CASE("the number of threads changes no byte of a fit", "[calibration]") {
  const ServingCases cases = cases_of(synthetic(serving::Constants{}));
  const serving::Efficiency start = serving::default_efficiency(catalogue).value();
  Control one;
  one.threads = 1;
  Control four;
  four.threads = 4;
  CHECK(json::write(serving::to_json(fit_serving(cases, start, "a", one))) ==
        json::write(serving::to_json(fit_serving(cases, start, "a", four))));
}

TEST_CASE("a robust fit bears an outlier", "[calibration]") {
  LogFit fit;
  fit.start = {1};
  fit.lower = {0.01};
  fit.upper = {100};
  fit.prior_sd = 10;
  fit.residuals = [](std::span<const double> p) {
    std::vector<double> out(20, std::log(p[0] / 2));
    out.back() = std::log(p[0] / 50);
    return out;
  };
  fit.weights.assign(20, 1);
  const LogEstimate estimate = fit_logs(fit, {});
  CHECK(estimate.values[0] == Approx(2).epsilon(0.02));
  CHECK(estimate.log_se[0] == Approx(0.15 / std::sqrt(19)).epsilon(0.1));
}

TEST_CASE("names of releases lead to shapes of the catalogue", "[calibration]") {
  const std::pair<const char*, const char*> names[] = {
      {"Llama-3.3-70B", "llama-3-70b"},    {"Llama-3.1-8B-Instruct-FP8", "llama-3-8b"},
      {"DeepSeek-R1-0528", "deepseek-v3"}, {"Qwen3-235B-A22B-Instruct-2507-FP8", "qwen3-235b-a22b"},
      {"Mixtral-8x7B", "mixtral-8x7b"},    {"GPT-OSS-120B", "gpt-oss-120b"},
  };
  for (const auto& [name, id] : names) {
    INFO(name);
    const auto model = served_model(catalogue, name);
    REQUIRE(model);
    CHECK(model->shape == model::find_model(catalogue, id).value().shape);
  }
  CHECK_FALSE(served_model(catalogue, "Llama-9-900B"));
}

TEST_CASE("engines are told by their words", "[calibration]") {
  using serving::Admission;
  using serving::Host;
  using serving::Overhead;
  CHECK(served_engine("TensorRT-LLM 0.17", "").overhead == Overhead::classic);
  CHECK(served_engine("trtllm 1.2.0rc6.post2", "").overhead == Overhead::current);
  CHECK(served_engine("MLPerf Inference v4.1 Server", "").overhead == Overhead::classic);
  const serving::Engine vllm = served_engine("vllm 0.12.0", "");
  CHECK(vllm.overhead == Overhead::current);
  CHECK(vllm.host == Host::python);
  CHECK(vllm.admission == Admission::live);
  // no release: the date of the paper that ran it
  CHECK(served_engine("vLLM", "benchmark (arXiv 2505.06371)").overhead == Overhead::classic);
  CHECK(served_engine("vLLM", "").overhead == Overhead::current);
  CHECK(served_precision("nvfp4", "x") == "fp4");
  CHECK(served_precision("fp8", "gpt-oss-20b") == "mxfp4");
  CHECK(served_precision("", "x") == "bf16");
  CHECK(number_before("limit lowered to 500 W of 700 W", " W of") == 500.0);
  CHECK_FALSE(number_before("W of", "W of"));
}

TEST_CASE("records that cannot be predicted are skipped with their reason, none is lost", "[calibration]") {
  Made unknown;
  unknown.model = "Nobody-7B";
  Made nowhere;
  nowhere.device = "h1000";
  std::string closed = record("no-clients", "p", {}, 0.02, 0.2);
  closed.replace(closed.find(R"("concurrency": 64)"), 17, R"("concurrency": null)");
  const ServingCases cases =
      cases_of(record("good", "p", {}, 0.02, 0.2) + "," + record("unknown", "p", unknown, 0.02, 0.2) + "," +
               record("nowhere", "p", nowhere, 0.02, 0.2) + "," + closed);
  CHECK(cases.cases.size() == 1);
  CHECK(cases.shapes_known == 3);
  REQUIRE(cases.skipped.size() == 3);
  CHECK(cases.skipped[0].reason == "no shape of model 'Nobody-7B' in the catalogue");
  CHECK(cases.skipped[1].reason == "no device 'h1000' in the catalogue");
  CHECK(cases.skipped[2].reason == "concurrency not stated");
}

TEST_CASE("values of the wrong type and repeated ids are errors", "[calibration]") {
  std::string wrong = record("a", "p", {}, 0.02, 0.2);
  wrong.replace(wrong.find(R"("count": 4)"), 10, R"("count": "4")");
  CHECK_FALSE(read_serving_cases(document_of(wrong), catalogue));
  const std::string twice = record("a", "p", {}, 0.02, 0.2);
  CHECK_FALSE(read_serving_cases(document_of(twice + "," + twice), catalogue));
}

TEST_CASE("rates and times of one case are the same error of time", "[calibration]") {
  Comparison rate{"x", "p", "main", "tokens_per_s", "", 100, 80, 70.0, 90.0};
  Comparison time{"y", "p", "main", "tpot_s", "", 0.010, 0.0125, 0.011, 0.014};
  const Scores scores = scores_of({rate, time}, {});
  CHECK(scores.error.at("speed").mean_abs == Approx(0.25));
  CHECK(scores.error.at("speed").max_abs == Approx(0.25));
  CHECK(scores.error.at("tokens_per_s").mean_abs == Approx(0.2));
  CHECK(scores.error.at("speed").cases == 2);
}

TEST_CASE("spreads of left-out publishers hold nine tenths of them", "[calibration]") {
  std::vector<Comparison> left;
  for (int i = 0; i < 400; ++i) {
    // ln(measured / predicted) from -0.2 to 0.4
    const double log = -0.2 + 0.6 * i / 399;
    left.push_back({"c", "p", "main", "tpot_s", "", std::exp(log), 1, {}, {}});
  }
  serving::Efficiency efficiency = with_spreads(serving::default_efficiency(catalogue).value(), left);
  const Interval interval = serving::spread_interval(1, efficiency.dense, 0.9);
  CHECK(std::log(interval.low) == Approx(-0.17).epsilon(0.01));
  CHECK(std::log(interval.high) == Approx(0.37).epsilon(0.01));
}

TEST_CASE("a calibration that was written can be read, another kind cannot", "[calibration]") {
  const serving::Efficiency shipped = serving::default_efficiency(catalogue).value();
  json::Value written;
  written.set("schema", "scaleplan/calibration/1");
  written.set("id", "mine");
  written.set("kind", "serving");
  written.set("serving", serving::to_json(shipped));
  const auto document = json::parse(json::write(written), "mine.json");
  REQUIRE(document);
  const auto read = serving::read_efficiency(*document);
  REQUIRE(read);
  CHECK(json::write(serving::to_json(*read)) == json::write(serving::to_json(shipped)));
  CHECK_FALSE(serving::read_efficiency(*catalogue.find("calibrations", "training")));
  written.set("serving", json::Object{});
  CHECK_FALSE(serving::read_efficiency(*json::parse(json::write(written), "mine.json")));
}

}  // namespace scaleplan::calibration
