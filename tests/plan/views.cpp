#include <algorithm>
#include <numeric>

#include "scaleplan/num/statistics.hpp"
#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

// arXiv:2203.15556, eq. 10
double published_loss(double params, double tokens) {
  return 1.69 + 406.4 / std::pow(params, 0.34) + 410.7 / std::pow(tokens, 0.28);
}

Plan with_views(const std::string& members, const fit::Predictor& predictor, int threads = 1) {
  Scenario s = scenario(members);
  s.views = true;
  return planned(s, predictor, threads);
}

const std::string flop_only = R"("budgets":{"train_flop":"5.76e23"})";
const std::string small_cluster =
    R"("budgets":{"train_time_s":"10d"},"model":{"params":{"min":"0.9B","max":"1.3B"}},)"
    R"("data":{"sequence_length":4096},"search":{"shape_tolerance":0},)"
    R"("training":{"clusters":[{"id":"dgx-h100","devices":[16]}],"layouts":{"engine":"megatron"}})";

}  // namespace

TEST_CASE("the map holds the law's loss, the decision inside") {
  const Plan plan = with_views(flop_only, law("chinchilla:hoffmann2022"));
  const Views& views = *plan.views;
  REQUIRE(views.loss.size() == views.params.size());
  for (std::size_t i = 0; i < views.loss.size(); ++i) {
    REQUIRE(views.loss[i].size() == views.tokens.size());
    for (std::size_t j = 0; j < views.loss[i].size(); ++j) {
      REQUIRE(views.loss[i][j] == Approx(published_loss(views.params[i], views.tokens[j])).epsilon(1e-9));
    }
  }
  const auto params = static_cast<double>(plan.decision->params.total);
  const auto tokens = static_cast<double>(plan.decision->tokens);
  REQUIRE((views.params.front() < params && params < views.params.back()));
  REQUIRE((views.tokens.front() < tokens && tokens < views.tokens.back()));
}

TEST_CASE("contours reach their round loss within the map") {
  const Plan plan = with_views(flop_only, law("chinchilla:hoffmann2022"));
  const Views& views = *plan.views;
  REQUIRE(views.contours.size() >= 5);
  REQUIRE(views.contours.size() <= 12);
  std::size_t inside = 0;
  for (const Views::Line& line : views.contours) {
    for (const Views::Point& point : line.points) {
      const double loss = published_loss(point.params, point.tokens);
      if (point.tokens > views.tokens.front() * (1 + 1e-9) &&
          point.tokens < views.tokens.back() * (1 - 1e-9)) {
        REQUIRE(loss == Approx(line.loss).epsilon(1e-8));
        ++inside;
      } else if (point.tokens < views.tokens.back() * (1 - 1e-9)) {
        REQUIRE(loss <= line.loss * (1 + 1e-9));  // even the fewest tokens do better
      } else {
        REQUIRE(loss >= line.loss * (1 - 1e-9));
      }
    }
  }
  REQUIRE(inside > 50);
}

TEST_CASE("the line of equal compute spends 6·N·D and has its least loss at the plan") {
  const Plan plan = with_views(flop_only, law("chinchilla:hoffmann2022"));
  const Views& views = *plan.views;
  REQUIRE(views.compute == Approx(5.76e23).epsilon(1e-3));
  REQUIRE(views.isoflop.size() > 20);
  double least = HUGE_VAL;
  for (const Views::Priced& point : views.isoflop) {
    REQUIRE(6 * point.at.params * point.at.tokens == Approx(views.compute).epsilon(1e-9));
    REQUIRE(point.at.loss == Approx(published_loss(point.at.params, point.at.tokens)).epsilon(1e-12));
    REQUIRE_FALSE(point.loss.known);
    least = std::min(least, point.at.loss);
  }
  REQUIRE(least == Approx(plan.relaxation.loss).epsilon(2e-4));
  REQUIRE(least >= plan.relaxation.loss * (1 - 1e-6));
  REQUIRE(views.limited.empty());  // law FLOP is the only limit
}

TEST_CASE("the cloud is what the decision's intervals are made of") {
  const Plan plan = with_views(flop_only, uncertain_law(60));
  const Views& views = *plan.views;
  REQUIRE(views.draws.size() + views.draws_unsolved == 60);
  std::vector<double> params;
  for (const Views::Point& draw : views.draws) params.push_back(draw.params);
  const Interval again = num::percentile_interval(params, plan.level);
  REQUIRE(again.low == plan.decision_intervals.params.low);
  REQUIRE(again.high == plan.decision_intervals.params.high);
  for (const Views::Priced& point : views.isoflop) {
    REQUIRE((point.loss.known && point.loss.low <= point.at.loss && point.at.loss <= point.loss.high));
  }
}

TEST_CASE("the parts of a step and of a device's memory add up", "[machines]") {
  const Plan plan = with_views(small_cluster, law("chinchilla:hoffmann2022"));
  const Views& views = *plan.views;
  const auto sum = [](const std::vector<Views::Part>& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0.0,
                           [](double all, const Views::Part& part) { return all + part.amount; });
  };
  REQUIRE(sum(views.step_s) == Approx(outcome(plan, "step_time_s")).epsilon(1e-9));
  REQUIRE(sum(views.memory_bytes) == Approx(outcome(plan, "memory_bytes")).epsilon(1e-9));
  for (const auto* parts : {&views.step_s, &views.memory_bytes}) {
    for (const Views::Part& part : *parts) REQUIRE(part.amount >= 0);
  }
  REQUIRE(views.limited.size() > 5);
  for (const Views::Limited& point : views.limited) REQUIRE(point.limit == "train_time_s");
}

TEST_CASE("views are the same with any number of threads, and absent unless asked for") {
  const fit::Predictor predictor = uncertain_law(40);
  const Plan one = with_views(flop_only, predictor, 1);
  const Plan three = with_views(flop_only, predictor, 3);
  REQUIRE(json::write(to_json(one)) == json::write(to_json(three)));
  const json::Value document = to_json(planned(flop_only));
  REQUIRE(document.find("views") == nullptr);
}

}  // namespace scaleplan::plan::test
