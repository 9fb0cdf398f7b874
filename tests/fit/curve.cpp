#include "scaleplan/fit/curve.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/num/random.hpp"

namespace scaleplan::fit {
namespace {

std::vector<laws::Law> schedule_laws() {
  std::vector<laws::Law> out;
  for (const char* id : {"luo2025", "tissue2024"}) {
    out.push_back(laws::select_law(json::Catalogue(), id)->law);
  }
  return out;
}

constexpr int total = 2000;
constexpr double peak = 1e-3;

double cosine(double step) {
  return peak * std::min(1.0, step / 100) *
         (0.1 + 0.9 * 0.5 * (1 + std::cos(std::numbers::pi * step / total)));
}

/// Losses whose drop follows what has been trained and what annealing gains with a memory of 150 steps:
/// neither law of the catalogue has this form. Noise is an AR(1) process.
RunningJob job_of(const std::function<double(double)>& rate, double share, double noise, std::uint64_t seed,
                  double& truth) {
  RunningJob job;
  job.end = total;
  num::Random random(seed, 0);
  double area = 0;
  double slow = 0;
  double error = 0;
  for (int step = 1; step <= total; ++step) {
    const double now = rate(step);
    area += now;
    slow += (now - slow) / 150;
    truth = 2.2 + 0.9 * std::pow(area + 0.01, -0.4) + 120 * slow;
    job.rate_step.push_back(step);
    job.rate.push_back(now);
    error = 0.8 * error + noise * 0.6 * random.normal();
    if (step <= share * total) {
      job.step.push_back(step);
      job.loss.push_back(truth * std::exp(error));
    }
  }
  return job;
}

TEST_CASE("the end of a cosine run is foretold from its first half", "[curve]") {
  int held = 0;
  constexpr int runs = 5;
  for (int seed = 1; seed <= runs; ++seed) {
    double truth = 0;
    const RunningJob job = job_of(cosine, 0.55, 0.003, static_cast<std::uint64_t>(seed), truth);
    const auto found = forecast_curve(job, schedule_laws(), {}, {});
    REQUIRE(found);
    CHECK(found->value == Approx(truth).epsilon(0.015));
    REQUIRE(found->interval.known);
    // no wider than three times the fall that is still to come
    CHECK(found->interval.high - found->interval.low < 3 * (found->last_loss - truth));
    CHECK(found->warm_up < 150);
    CHECK(found->trials.size() >= 4);
    double weights = 0;
    for (const CurveMember& member : found->members) {
      weights += member.weight;
    }
    CHECK(weights == Approx(1));
    held += truth > found->interval.low && truth < found->interval.high ? 1 : 0;
  }
  CHECK(held >= runs - 1);
}

TEST_CASE("the same job gives the same bytes", "[curve]") {
  double truth = 0;
  const RunningJob job = job_of(cosine, 0.7, 0.01, 9, truth);
  const auto once = forecast_curve(job, schedule_laws(), {}, {});
  const auto again = forecast_curve(job, schedule_laws(), {}, {{}, {}, 2});
  REQUIRE(once);
  REQUIRE(again);
  CHECK(once->value == again->value);
  CHECK(once->interval.high == again->interval.high);
}

TEST_CASE("annealing that has not begun leaves no interval", "[curve]") {
  double truth = 0;
  const auto stable_then_decay = [](double step) {
    return step < 0.8 * total ? peak * std::min(1.0, step / 100)
                              : peak * (1 - (step - 0.8 * total) / (0.2 * total));
  };
  const auto found = forecast_curve(job_of(stable_then_decay, 0.6, 0.005, 1, truth), schedule_laws(), {}, {});
  REQUIRE(found);
  CHECK_FALSE(found->interval.known);
  REQUIRE_FALSE(found->warnings.empty());
  CHECK_THAT(found->warnings[0].message, Catch::Contains("has not begun to fall"));
  for (const CurveMember& member : found->members) {
    CHECK(member.law == "luo2025");  // the other law's only set is from memory: no prior
  }
  CHECK(found->value < found->last_loss);
}

TEST_CASE("a loss that rises is told", "[curve]") {
  double truth = 0;
  RunningJob job = job_of([](double) { return peak; }, 0.6, 0.002, 1, truth);
  for (std::size_t i = job.loss.size() / 2; i < job.loss.size(); ++i) {
    job.loss[i] += 1e-3 * static_cast<double>(i - job.loss.size() / 2);
  }
  const auto found = forecast_curve(job, schedule_laws(), {}, {});
  REQUIRE(found);
  REQUIRE_FALSE(found->warnings.empty());
  CHECK_THAT(found->warnings.back().message, Catch::Contains("the loss has risen since step"));
}

TEST_CASE("jobs that cannot be forecast", "[curve]") {
  double truth = 0;
  RunningJob job = job_of(cosine, 0.5, 0.01, 1, truth);
  const auto refusal = [&](const RunningJob& each) {
    const auto found = forecast_curve(each, schedule_laws(), {}, {});
    return found ? std::string("accepted") : to_text(found.errors()[0]);
  };
  RunningJob over = job;
  over.end = 900;
  CHECK_THAT(refusal(over), Catch::Contains("is not after the last step of the log"));
  over.end = 1e6;
  CHECK_THAT(refusal(over), Catch::Contains("times the steps so far"));
  RunningJob negative = job;
  negative.loss[3] = -1;
  CHECK_THAT(refusal(negative), Catch::Contains("positive losses"));
  RunningJob few = job;
  few.step.resize(5);
  few.loss.resize(5);
  few.end = 10;
  CHECK_THAT(refusal(few), Catch::Contains("no law can be fitted to"));
}

runs::Curve curve_of(std::map<std::string, std::vector<double>> columns) {
  runs::Table table;
  table.rows = columns.at("step").size();
  table.columns = std::move(columns);
  return runs::make_curve(std::move(table), "r");
}

/// A log of `rates` by steps of ten from 10 on.
runs::Curve log_of(const std::function<double(double)>& rate, int records) {
  std::map<std::string, std::vector<double>> columns;
  for (int i = 1; i <= records; ++i) {
    columns["step"].push_back(10.0 * i);
    columns["train_loss"].push_back(3.0);
    columns["learning_rate"].push_back(rate(10.0 * i));
    columns["tokens"].push_back(1e6 * i);
    columns["planned_steps"].push_back(total);
  }
  return curve_of(columns);
}

TEST_CASE("the learning rate goes on as it has begun", "[curve]") {
  const auto shape = [](const std::function<double(double)>& rate, int records) {
    const auto plan = plan_job(log_of(rate, records), {}, nullptr);
    return plan ? plan->schedule : plan.errors()[0].message;
  };
  CHECK_THAT(shape([](double) { return peak; }, 100), Catch::StartsWith("a constant learning rate"));
  CHECK_THAT(shape([](double s) { return peak * (1 - s / total); }, 100), Catch::StartsWith("a line"));
  CHECK_THAT(shape([](double s) { return peak * (1 - 0.9 * s / total); }, 20), Catch::StartsWith("a line"));
  // 1 % of the run: the cosine has lost 0.02 % of its peak, more than numbers of ten digits hide
  CHECK_THAT(shape([](double s) { return 0.5 * peak * (1 + std::cos(std::numbers::pi * s / total)); }, 100),
             Catch::StartsWith("a cosine"));
  CHECK_THAT(shape([](double s) { return peak / std::sqrt(s); }, 100), Catch::Contains("is not known"));
  const auto plan = plan_job(log_of(cosine, 100), {}, nullptr);
  REQUIRE(plan);
  CHECK(plan->job.end == total);
  CHECK(plan->end_tokens == 2e8);
  CHECK(plan->job.rate.back() == Approx(cosine(total)).epsilon(0.02));
}

TEST_CASE("ends in tokens, steps and as planned", "[curve]") {
  using Unit = CurveEnd::Unit;
  const runs::Curve log = log_of(cosine, 100);
  CHECK(plan_job(log, {Unit::tokens, 1.5e8}, nullptr)->job.end == 1500);
  CHECK(plan_job(log, {Unit::steps, 1500}, nullptr)->end_tokens == 1.5e8);
  runs::Curve bare = curve_of({{"step", {1, 2}}, {"train_loss", {3, 2}}});
  CHECK_THAT(to_text(plan_job(bare, {Unit::tokens, 1e9}, nullptr).errors()[0]),
             Catch::Contains("how many tokens"));
  CHECK_THAT(to_text(plan_job(bare, {}, nullptr).errors()[0]), Catch::Contains("where the run is to end"));
  const auto plan = plan_job(bare, {Unit::steps, 10}, nullptr);
  REQUIRE(plan);
  CHECK(plan->warnings.size() == 1);
  bare.points.columns.erase("train_loss");
  CHECK_THAT(to_text(plan_job(bare, {Unit::steps, 10}, nullptr).errors()[0]),
             Catch::Contains("--map loss=KEY: step"));
}

TEST_CASE("a schedule must be that of the run, to its end", "[curve]") {
  const auto schedule = [](double scale, double last) {
    return curve_of({{"step", {0, 100, 1000, last}}, {"learning_rate", {scale, scale, scale, 0}}});
  };
  const runs::Curve log = log_of([](double) { return peak; }, 50);
  const runs::Curve good = schedule(peak, 2000);
  const auto plan = plan_job(log, {}, &good);
  REQUIRE(plan);
  CHECK(plan->job.rate.back() == 0);
  const runs::Curve other = schedule(2 * peak, 2000);
  CHECK_THAT(to_text(plan_job(log, {}, &other).errors()[0]),
             Catch::Contains("a schedule of another run: at step 10 it says 0.002, the log says 0.001"));
  const runs::Curve short_one = schedule(peak, 1500);
  CHECK_THAT(to_text(plan_job(log, {}, &short_one).errors()[0]),
             Catch::Contains("the schedule ends at step 1500"));
}

}  // namespace
}  // namespace scaleplan::fit
