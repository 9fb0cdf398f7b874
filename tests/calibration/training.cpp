#include "scaleplan/calibration/training.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/training/step_time.hpp"

using namespace scaleplan;
using namespace scaleplan::calibration;

namespace {

const json::Catalogue catalogue;

json::Document document_of(const std::string& text) {
  auto document = json::parse(text, "cases.json");
  REQUIRE(document);
  return *document;
}

std::string table5() {
  std::ifstream in(TEST_DATA "/cases/korthikanti-table5.json");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TrainingCases read(const std::string& text) {
  auto cases = read_training_cases(document_of(text), catalogue);
  REQUIRE(cases);
  return *cases;
}

training::Efficiency shipped() {
  return training::default_efficiency(catalogue).value();
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Comparison comparison(const std::string& publisher, double predicted, const std::string& group = "dense") {
  Comparison c;
  c.publisher = publisher;
  c.score = "main";
  c.quantity = "step_time_s";
  c.group = group;
  c.measured = 1;
  c.predicted = predicted;
  c.interval_low = 0.9;
  c.interval_high = 1.1;
  return c;
}

// The published runs with other times: what the model with `truth` says, times `level` of each publisher.
std::vector<TrainingCase> invented(const training::Efficiency& truth) {
  std::vector<TrainingCase> out;
  const TrainingCases base = read(table5());
  int publisher = 0;
  for (const char* device : {"a100-sxm-80", "h100-sxm-80"}) {
    for (const bool flash : {false, true}) {
      ++publisher;
      for (TrainingCase c : base.cases) {
        const auto found = hardware::find_device(catalogue, device);
        c.job.machine = *hardware::machine_of(*found, nullptr, c.job.machine.devices);
        c.job.attention = flash ? training::AttentionKernel::flash2 : training::AttentionKernel::unfused;
        c.publisher = "p" + std::to_string(publisher);
        c.step_time_s = training::step_time(c.job, c.layout, truth).step_s;
        out.push_back(c);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("cases become jobs, with what they leave unsaid assumed by their words") {
  const TrainingCases cases = read(table5());
  REQUIRE(cases.cases.size() == 8);
  const TrainingCase& c = cases.cases.front();
  CHECK(c.job.engine == training::Engine::megatron_2021);  // an arXiv number before 2023, no ZeRO
  CHECK(c.job.attention == training::AttentionKernel::unfused);
  CHECK(c.job.machine.devices == 8);
  CHECK(c.layout.recompute == model::Recompute::full);
  CHECK(c.timed);
  CHECK(*c.step_time_s == 1.42);
  CHECK(c.assumed.size() >= 2);
  REQUIRE(cases.skipped.size() == 2);
  CHECK(cases.skipped[0].reason == "the layout is not published");
  CHECK(cases.skipped[1].reason == "no global batch");
  CHECK(cases.ignored.at("mood") == 1);
}

TEST_CASE("words decide engine, kernel, precision and recomputation") {
  struct Said {
    const char* layout;
    training::Engine engine;
    training::AttentionKernel attention;
  };
  using training::AttentionKernel;
  using training::Engine;
  for (const Said& said :
       {Said{R"("engine": "PyTorch FSDP")", Engine::fsdp, AttentionKernel::flash2},
        Said{R"("engine": "Megatron-DeepSpeed")", Engine::megatron_deepspeed, AttentionKernel::unfused},
        Said{R"("engine": "Megatron-DeepSpeed, FlashAttention")", Engine::megatron_deepspeed,
             AttentionKernel::flash2},
        Said{R"("engine": "DeepSpeed ZeRO-3")", Engine::deepspeed_zero3, AttentionKernel::unfused},
        Said{R"("engine": "Megatron-Core distributed optimizer")", Engine::megatron,
             AttentionKernel::flash2}}) {
    INFO(said.layout);
    const std::string text = changed(table5(), R"("zero": 0)", std::string(R"("zero": 0, )") + said.layout);
    const TrainingCase c = read(text).cases.front();
    CHECK(c.job.engine == said.engine);
    CHECK(c.job.attention == said.attention);
  }
  const TrainingCase per_op =
      read(changed(table5(), R"("recompute": "full")", "\"recompute\": \"selective (per-op SAC)\""))
          .cases.front();
  CHECK(per_op.layout.recompute == model::Recompute::operators);
  const TrainingCases fp6 = read(changed(table5(), R"("precision": "fp16")", R"("precision": "fp6")"));
  CHECK(fp6.skipped.front().reason == "unknown precision 'fp6'");
}

TEST_CASE("tokens per second and TFLOP/s give the same time where both are exact") {
  const TrainingCase timed = read(table5()).cases.front();
  const double tokens = 4 * 2048 / 1.42;
  const TrainingCase by_tokens =
      read(changed(table5(), R"("step_time_s": 1.42)", "\"tokens_per_s\": " + std::to_string(tokens)))
          .cases.front();
  CHECK(*by_tokens.step_time_s == Approx(1.42));
  CHECK(by_tokens.timed);
  // arXiv:2104.04473 eq. 3 counts 96·B·s·L·h²·(1 + s/(6h) + V/(16·L·h)) with full recomputation
  const double flop =
      96.0 * 4 * 2048 * 48 * 6144 * 6144 * (1 + 2048.0 / (6 * 6144) + 51200.0 / (16.0 * 48 * 6144));
  const std::string rate = "\"tflops_per_device\": " + std::to_string(flop / 1.42 / 8 / 1e12);
  const TrainingCase by_flop =
      read(changed(changed(table5(), R"("step_time_s": 1.42)", rate), R"("score": "main")",
                   R"("score": "main", "flops_convention": "hardware FLOPs with full recompute")"))
          .cases.front();
  CHECK(!by_flop.timed);
  CHECK(*by_flop.step_time_s == Approx(1.42).epsilon(0.001));
}

TEST_CASE("records of the wrong kind are errors with their place and remedy") {
  const auto refused = [&](const std::string& from, const std::string& to) {
    const auto cases = read_training_cases(document_of(changed(table5(), from, to)), catalogue);
    REQUIRE(!cases);
    std::string all;
    for (const Diagnostic& d : cases.errors()) all += to_text(d) + "\n";
    return all;
  };
  const std::string text = refused(R"("layers": 48)", R"("layers": "many")");
  CHECK(text.find("cases.json:") == 0);
  CHECK(text.find("/cases/0/model/layers") != std::string::npos);
  CHECK(refused(R"("a100-sxm-80")", R"("a100-smx-80")").find("a100-sxm-80") != std::string::npos);
  CHECK(refused(R"("step_time_s": 1.42)", R"("step_time_s": -1)").find("/measured/step_time_s") !=
        std::string::npos);
  CHECK(refused(R"("step_time_s": 1.42)", R"("step_time_s": null)").find("null") != std::string::npos);
  const Request request{&catalogue, std::nullopt, true, false, 0.9, {}};
  const auto unknown =
      calibrate(document_of(R"({"schema": "scaleplan/cases/1", "kind": "trainign", "cases": []})"), request);
  REQUIRE(!unknown);
  CHECK(to_text(unknown.errors().front()).find("training") != std::string::npos);
  CHECK(!calibrate(document_of(R"({"schema": "scaleplan/cases/1", "kind": "training", "cases": []})"),
                   request));
}

TEST_CASE("errors are summed up with one vote for each publisher") {
  Scores scores;
  for (const double x : {1.1, 1.1, 1.1, 1.1}) scores.cases.push_back(comparison("many", x));
  for (const double x : {0.8, 0.8, 0.8}) scores.cases.push_back(comparison("three", x));
  scores.cases.push_back(comparison("one", 1.3));  // one and two share a vote: mean 0.2, signed 0.1
  scores.cases.push_back(comparison("two", 1.2));
  scores.cases.push_back(comparison("two", 0.9));
  scores.cases.push_back(comparison("many", 3, "moe"));
  summarise(scores);
  const ErrorLine& line = scores.error.at("step_time_s");
  CHECK(line.cases == 10);
  CHECK(line.mean_over_publishers == Approx((0.1 + 0.2 + 0.6 / 3) / 3));
  CHECK(line.bias == Approx((0.1 - 0.2 + 0.4 / 3) / 3));
  CHECK(line.mean_abs == Approx((4 * 0.1 + 3 * 0.2 + 0.6) / 10));
  CHECK(line.max_abs == Approx(0.3));
  CHECK(*line.coverage == Approx(1.0));  // what was measured, 1, lies in every interval
  CHECK(scores.error.at("step_time_s/moe").within_factor_two == 0);
  CHECK(scores.by_publisher.at("step_time_s").at("three").bias == Approx(-0.2));
}

TEST_CASE("a fit finds the constants that made the times") {
  training::Efficiency truth = shipped();
  truth.gemm["ampere"].value = 0.7;
  truth.gemm["hopper"].value = 0.55;
  truth.attention["ampere"].value = 0.4;
  const std::vector<TrainingCase> cases = invented(truth);
  const training::Efficiency found = fit_training(cases, shipped(), {});
  Scores before = predict_step_times(cases, shipped(), 0.9);
  summarise(before);
  CHECK(before.error.at("step_time_s").max_abs > 0.1);
  const Scores scores = predict_step_times(cases, found, 0.9);
  for (const Comparison& c : scores.cases) {
    INFO(c.id);
    CHECK(std::fabs(c.relative_error()) < 0.05);  // drawn to the priors a little
  }
  CHECK(found.gemm.at("ampere").value == Approx(0.7).epsilon(0.06));
  CHECK(found.gemm.at("hopper").value == Approx(0.55).epsilon(0.06));
  CHECK(found.gemm.at("ampere").log_se > 0);
  CHECK(found.gemm.find("blackwell") == found.gemm.end());
  // a family without runs takes the geometric mean of the others, and is told apart
  CHECK(found.gemm.at("pooled").value ==
        Approx(std::sqrt(found.gemm.at("ampere").value * found.gemm.at("hopper").value)));
  TrainingCase other = cases.front();
  other.job.machine.device.family = "rubin";
  CHECK(predict_step_times({other}, found, 0.9).cases.front().group == "family");
}

TEST_CASE("few publishers move only the site factor, shrunk by credibility") {
  const training::Efficiency start = shipped();
  const TrainingCases cases = read(table5());
  double mean = 0;
  for (const TrainingCase& c : cases.cases) {
    mean += std::log(*c.step_time_s / training::step_time(c.job, c.layout, start).step_s) / 8;
  }
  const training::Efficiency own = fit_training(cases.cases, start, {});
  const double between = start.between_sources * start.between_sources;
  const double within = start.within_source * start.within_source;
  const double credibility = 8 * between / (8 * between + within);
  CHECK(std::log(own.factor("site")) == Approx(credibility * mean));
  CHECK(own.gemm.at("ampere").value == start.gemm.at("ampere").value);
  CHECK(own.between_sources == Approx(start.between_sources * std::sqrt(1 - credibility)));
  CHECK(own.between_sources < start.between_sources);
}

TEST_CASE("leaving publishers out gives honest errors and what own runs would buy") {
  std::string text = table5();
  Request request;
  request.catalogue = &catalogue;
  request.leave_out_publisher = true;
  const auto single = calibrate(document_of(text), request);
  REQUIRE(single);
  CHECK(single->kind == "training");
  CHECK(single->scores.error.at("step_time_s").cases == 8);
  CHECK(single->scores.skipped.size() == 2);
  REQUIRE(single->rankings.size() == 1);
  CHECK(single->rankings.front().spearman > 0.9);  // larger models are slower in every account
  CHECK(!single->constants.is_null());
  request.leave_out_publisher = false;
  request.evaluate_only = true;
  const auto scored = calibrate(document_of(text), request);
  REQUIRE(scored);
  CHECK(scored->constants.is_null());
  CHECK(scored->scores.error.at("step_time_s").mean_abs < 0.12);  // published runs, shipped calibration
}
