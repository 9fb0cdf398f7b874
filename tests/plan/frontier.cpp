#include "scaleplan/plan/frontier.hpp"

#include <algorithm>

#include "plan/support.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::plan::test {
namespace {

Result<FrontierTask> asked(const std::string& members, const FrontierAxes& axes) {
  auto document = json::parse(R"({"schema":"scaleplan/scenario/1",)" + members + "}", "scenario.json");
  REQUIRE(document);
  return read_frontier(*document, axes, catalogue);
}

Frontier traced(const std::string& members, const FrontierAxes& axes, int threads = 1) {
  const Result<FrontierTask> task = asked(members, axes);
  if (!task) FAIL(all(task.errors()));
  Control control;
  control.threads = threads;
  Result<Frontier> frontier = trace_frontier(*task, law("chinchilla:hoffmann2022"), catalogue, control);
  if (!frontier) FAIL(all(frontier.errors()));
  return *frontier;
}

std::string refusal(const std::string& members, const FrontierAxes& axes) {
  const Result<FrontierTask> task = asked(members, axes);
  if (task) FAIL("accepted " << axes.x << " against " << axes.y);
  return all(task.errors());
}

double y_at(const Frontier& frontier, std::size_t point) {
  const Outcome* y = outcome_at(frontier.points[point], *frontier.y);
  return y == nullptr ? std::nan("") : *y->value;
}

const std::string flop = R"("budgets":{"train_flop":"1e22"})";

}  // namespace

TEST_CASE("a frontier of loss against FLOP is the plan at each budget", "[plan][frontier]") {
  const Frontier frontier = traced(flop, {"train_flop", "loss", {}, {}, 12});
  REQUIRE(frontier.points.size() == 12);
  CHECK(frontier.points.front().x == Approx(2.5e21));
  CHECK(frontier.points.back().x == Approx(4e22));
  for (std::size_t i = 0; i < frontier.points.size(); ++i) {
    const Plan plan = planned(fmt::format(R"("budgets":{{"train_flop":{:.17g}}})", frontier.points[i].x));
    CHECK(y_at(frontier, i) == Approx(outcome(plan, "loss")).epsilon(1e-9));
    CHECK(frontier.points[i].plan.status == Status::optimal);
    if (i == 0) continue;
    CHECK(frontier.points[i].x > frontier.points[i - 1].x);
    CHECK(y_at(frontier, i) <= y_at(frontier, i - 1));
  }
}

TEST_CASE("the least cost of a loss is the loss of that cost", "[plan][frontier]") {
  const std::string machines = h100s + R"(,"budgets":{"cost_usd":2e6})";
  const Frontier loss = traced(machines, {"cost_usd", "loss", 1e6, 4e6, 3});
  for (std::size_t i = 0; i < loss.points.size(); ++i) {
    const double reached = y_at(loss, i);
    const Frontier cost = traced(h100s + R"(,"budgets":{"train_flop":"1e25"})",
                                 {"loss", "cost_usd", reached, reached * 1.01, 2});
    // both choose among shapes that differ by less than the tolerance of 1e-4 in the loss, 2e-3 in the cost
    CHECK(y_at(cost, 0) == Approx(loss.points[i].x).epsilon(4e-3));
  }
}

TEST_CASE("points gather where the curve bends", "[plan][frontier]") {
  // beyond the compute at which all data is seen once, only size grows: the curve has a knee
  const std::string limited = flop + R"(,"data":{"unique_tokens":"100B","max_epochs":1})";
  const Frontier frontier = traced(limited, {"train_flop", "loss", 1e20, 1e24, 25});
  const auto knee =
      std::find_if(frontier.points.begin(), frontier.points.end(),
                   [](const FrontierPoint& point) { return point.plan.decision->tokens >= 99'999'000'000; });
  REQUIRE(knee != frontier.points.end());
  REQUIRE(knee != frontier.points.begin());
  std::vector<double> steps;
  for (std::size_t i = 1; i < frontier.points.size(); ++i) {
    steps.push_back(std::log(frontier.points[i].x / frontier.points[i - 1].x));
  }
  const auto at = static_cast<std::size_t>(knee - frontier.points.begin()) - 1;
  CHECK(steps[at] <= 0.5 * *std::max_element(steps.begin(), steps.end()));
}

TEST_CASE("limits that nothing keeps are points without a plan", "[plan][frontier]") {
  // Hoffmann's law has an irreducible loss of 1.69
  const Frontier frontier = traced(flop, {"loss", "train_flop", 1.5, 2.5, 11});
  CHECK(outcome_at(frontier.points.front(), *frontier.y) == nullptr);
  CHECK(frontier.points.front().plan.status == Status::infeasible);
  CHECK(outcome_at(frontier.points.back(), *frontier.y) != nullptr);
  // the scenario's own limit of what is traced gave way
  REQUIRE(frontier.notes.size() == 1);
  CHECK(frontier.notes.front().find("train_flop") != std::string::npos);
  const auto first = std::find_if(frontier.points.begin(), frontier.points.end(),
                                  [](const FrontierPoint& point) { return point.plan.decision.has_value(); });
  CHECK(first->difference == "feasible");
}

TEST_CASE("without a limit the range is around what the plan spends", "[plan][frontier]") {
  const Frontier frontier = traced(h100s + "," + flop, {"cost_usd", "loss", {}, {}, 3});
  const Plan plan = planned(h100s + "," + flop);
  const double cost = outcome(plan, "cost_usd");
  CHECK(frontier.points.front().x == Approx(cost / 4));
  CHECK(frontier.points.back().x == Approx(cost * 4));
  // the FLOP budget stays: more money than it needs buys nothing
  CHECK(y_at(frontier, 2) == Approx(outcome(plan, "loss")).epsilon(1e-4));
}

TEST_CASE("a curve does not depend on threads", "[plan][frontier]") {
  const FrontierAxes axes{"train_flop", "loss", {}, {}, 11};
  CHECK(json::write(to_json(traced(flop, axes, 1))) == json::write(to_json(traced(flop, axes, 4))));
}

TEST_CASE("axes that make no curve are refused", "[plan][frontier]") {
  CHECK(refusal(flop, {"train_flops", "loss", {}, {}, 5}).find("did you mean \"train_flop\"?") !=
        std::string::npos);
  CHECK(refusal(flop, {"loss", "loss", {}, {}, 5}).find("against itself") != std::string::npos);
  CHECK(refusal(flop, {"mfu", "loss", {}, {}, 5}).find("'mfu' cannot be limited") != std::string::npos);
  CHECK(refusal(flop, {"train_flop", "epochs", {}, {}, 5}).find("'epochs' cannot be minimised") !=
        std::string::npos);
  CHECK(refusal(flop, {"cost_usd", "loss", {}, {}, 5}).find("needs to know the devices") !=
        std::string::npos);
  CHECK(refusal(flop, {"train_flop", "train_time_s", {}, {}, 5}).find("train_time_s") != std::string::npos);
  CHECK(refusal(flop, {"train_flop", "loss", 1e22, 1e21, 5}).find("no train_flop lies between") !=
        std::string::npos);
}

}  // namespace scaleplan::plan::test
