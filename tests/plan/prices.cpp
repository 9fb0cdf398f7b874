#include <algorithm>

#include "plan/batch.hpp"
#include "plan/machines.hpp"
#include "plan/option.hpp"
#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

std::string on_machines(const std::string& rest) {
  return R"("model":{"params":{"min":"0.8B","max":"2B"}},"data":{"sequence_length":4096},)"
         R"("training":{"clusters":[{"id":"dgx-h100","devices":[16,32,64],"region":"us-or","pue":1.2,)"
         R"("usd_per_device_hour":2.0}]},)" +
         rest;
}

// The class of a plan, with everything that its problem needs, priced anew from its shape and layout alone.
class Class {
 public:
  Class(const std::string& members, const fit::Predictor& predictor)
      : scenario_(scenario(members)), plan_(planned(scenario_, predictor)) {
    REQUIRE(plan_.decision);
    const Run& run = *plan_.decision->run;
    Result<Options> options = options_of(scenario_);
    Result<training::Efficiency> efficiency = training::default_efficiency(catalogue);
    Result<LossModel> model = LossModel::build(scenario_, predictor);
    Result<HyperparameterLaws> laws = HyperparameterLaws::build(scenario_, catalogue);
    REQUIRE((options && efficiency && model && laws));
    options_ = std::move(*options);
    efficiency_ = *efficiency;
    model_.emplace(std::move(*model));
    laws_.emplace(std::move(*laws));
    const auto option = std::find_if(options_.list.begin(), options_.list.end(),
                                     [&](const Option& o) { return o.devices == run.devices; });
    REQUIRE(option != options_.list.end());
    const Machines machines(scenario_, *option, efficiency_);
    const Machines::Judged judged = machines.judge(plan_.decision->shape, run.sequences, run.layout.layout);
    REQUIRE(judged.offer);
    cost_ = judged.offer->cost;
    // sizes of hyperparameter laws: tokens alone matter to the default ones
    recipe_.emplace(*laws_, size(), run_size(plan_.decision->params, 1, 2), std::nullopt);
    Resources resources = resources_of(scenario_, *option, 1, 1);
    resources.time_sd = machines.time_sd();
    problem_.emplace(scenario_, *model_, std::move(resources), &*recipe_);
  }

  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] double size() const { return static_cast<double>(plan_.decision->params.total); }
  /// The objective with a limit `factor` times as large.
  [[nodiscard]] double value(const std::string& limit, double factor) const {
    Problem moved = *problem_;
    for (std::size_t row = 0; row < moved.rows().size(); ++row) {
      if (moved.rows()[row].name == limit) moved.set_limit(row, factor * moved.rows()[row].limit);
    }
    View view{LossModel::point, model_->draws() > 0 ? scenario_.confidence : std::nullopt,
              static_cast<double>(plan_.decision->batch_tokens)};
    const AtSize at = moved.at(view, size(), cost_);
    REQUIRE(at.feasible);
    return at.value;
  }

 private:
  Scenario scenario_;
  Plan plan_;
  Options options_;
  training::Efficiency efficiency_;
  std::optional<LossModel> model_;
  std::optional<HyperparameterLaws> laws_;
  std::optional<Recipe> recipe_;
  TokenCost cost_;
  std::optional<Problem> problem_;
};

}  // namespace

TEST_CASE("shadow prices on machines equal solving the same class again one percent away", "[prices]") {
  const std::string cases[] = {
      on_machines(R"("budgets":{"train_time_s":"12d"})"),
      on_machines(R"("budgets":{"cost_usd":20000,"train_time_s":"60d"})"),
      on_machines(R"("budgets":{"energy_j":"9MWh"})"),
      on_machines(R"("budgets":{"carbon_g":"2t"})"),
      on_machines(R"("budgets":{"device_hours":9000},"confidence":0.9)"),
      // a deadline that raises the batch above its reference
      on_machines(R"("budgets":{"train_time_s":"30h"})"),
      on_machines(R"("objective":"cost_usd","targets":{"loss":2.6})"),
      on_machines(R"("objective":"energy_j","targets":{"loss":2.6},"confidence":0.8)"),
      on_machines(R"("objective":"train_time_s","targets":{"loss":2.6},"budgets":{"cost_usd":100000})"),
  };
  const fit::Predictor law = uncertain_law(40);
  for (const std::string& members : cases) {
    INFO(members);
    const Class one(members, law);
    int binding = 0;
    for (const Constraint& constraint : one.plan().constraints) {
      if (constraint.per_log_limit == 0) continue;
      ++binding;
      const double slope = (one.value(constraint.name, 1.01) - one.value(constraint.name, 0.99)) / 0.02;
      INFO(constraint.name);
      CHECK(constraint.per_log_limit == Approx(slope).epsilon(0.02));
      CHECK(constraint.shadow_price == Approx(-slope / constraint.limit).epsilon(0.02));
    }
    CHECK(binding == 1);
  }
}

}  // namespace scaleplan::plan::test
