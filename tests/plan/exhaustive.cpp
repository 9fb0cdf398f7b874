#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "plan/joint.hpp"
#include "plan/loss_model.hpp"
#include "plan/machines.hpp"
#include "scaleplan/num/minimise.hpp"
#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

// Options, shapes and batches, each with the fastest layout of the whole search: an exhaustive twin of the
// joint search, which knows neither bounds nor the order of anything.
class World {
 public:
  explicit World(std::string members) : members_(std::move(members)), scenario_(scenario(bare())) {
    const Result<training::Efficiency> efficiency = training::default_efficiency(catalogue);
    REQUIRE(efficiency);
    efficiency_ = *efficiency;
    Result<Options> options = options_of(scenario_);
    REQUIRE(options);
    options_ = std::move(*options);
    for (const Option& option : options_.list) add(option);
    REQUIRE(!nodes_.empty());
  }

  struct Node {
    const Option* option = nullptr;
    model::Shape shape;
    model::Parameters params;
    Offer offer;
  };
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] std::string with(const std::string& rest, const std::string& search) const {
    return members_ + R"(,"search":{"seed":3,"draws":12)" + search + "}" + rest;
  }
  [[nodiscard]] std::string bare() const { return with(R"(,"budgets":{"train_flop":1e22})", ""); }
  [[nodiscard]] const training::Efficiency& efficiency() const { return efficiency_; }

 private:
  void add(const Option& option) {
    const Machines machines(scenario_, option, efficiency_);
    const double low = scenario_.model.params_min->value;
    const double high = scenario_.model.params_max->value;
    model::enumerate(scenario_.model.family, model::Count::total, low, high,
                     [&](const model::Shape& shape, const model::Parameters& params) {
                       for (const std::int64_t n : machines.batches()) {
                         if (auto offer = searched(machines, scenario_, efficiency_, shape, n))
                           nodes_.push_back({&option, shape, params, *offer});
                       }
                     });
  }

  std::string members_;
  Scenario scenario_;
  training::Efficiency efficiency_;
  Options options_;
  std::vector<Node> nodes_;
};

std::string fleet(double low, double high, const std::string& clusters, const std::string& rest) {
  return fmt::format(
      R"("model":{{"params":{{"min":"{:.4g}B","max":"{:.4g}B"}}}},"data":{{"sequence_length":4096}},)"
      R"("training":{{"clusters":[{}],"layouts":{{"tp":[1,2,4],"cp":[1],"micro_batch":[1,2]}}{}}})",
      low, high, clusters, rest);
}

std::string cluster(const std::string& id, const std::string& devices, double price) {
  return fmt::format(R"({{"id":"{}","devices":[{}],"region":"us-or","pue":1.2,"usd_per_device_hour":{}}})",
                     id, devices, price);
}

std::vector<std::unique_ptr<World>> worlds() {
  std::vector<std::unique_ptr<World>> out;
  const std::string both = cluster("dgx-h100", "8,16", 2.2) + "," + cluster("dgx-a100", "16", 1.3);
  out.push_back(std::make_unique<World>(fleet(0.5, 0.62, both, "")));
  out.push_back(std::make_unique<World>(
      fleet(0.9, 1.3, cluster("dgx-h100", "8,24", 2), R"(,"precision":["bf16","fp8"])")));
  out.push_back(std::make_unique<World>(fleet(2.3, 2.6, both, R"(,"optimizer":["adamw","muon"])")));
  out.push_back(std::make_unique<World>(fleet(6.4, 6.8, cluster("dgx-h100", "16,64", 2), "")));
  return out;
}

// What a node uses for `tokens`, by plan quantity, beside the factor on its time.
double used(const World::Node& node, const std::string& key, double tokens) {
  const TokenCost& cost = node.offer.cost;
  const double hours = static_cast<double>(node.option->devices) * cost.seconds * tokens / 3600;
  if (key == "train_flop") return 6 * static_cast<double>(node.params.total) * tokens;
  if (key == "train_flop_exact") return cost.flop * tokens;
  if (key == "train_time_s") return cost.seconds * tokens;
  if (key == "device_hours") return hours;
  if (key == "cost_usd")
    return hours * std::get<economy::Rental>(*node.option->cluster->tariff).per_device_hour.raw();
  const double joules = cost.joules * tokens;
  if (key == "energy_j") return joules;
  // the die of an H100, 8.14 cm2 of 1.8 kg each, over five years (arXiv:2309.14393); no figure for an A100
  const double making = node.option->machine.device.id == "h100-sxm-80" ? 14652 / (5 * 365.25 * 86400) : 0;
  return joules * node.option->cluster->region->at()->carbon.raw() + hours * 3600 * making;
}

bool timed(const std::string& key) {
  return key != "train_flop" && key != "train_flop_exact";
}

struct Case {
  std::string members;
  std::string objective = "loss";
  std::map<std::string, double> budgets;
  double target = 0;
  bool confident = false;
};

// The best value of the objective over all nodes.
double exhaustive(const World& world, const Case& one, const Scenario& s, const fit::Predictor& law) {
  Result<LossModel> model = LossModel::build(s, law);
  Result<HyperparameterLaws> laws = HyperparameterLaws::build(s, catalogue);
  REQUIRE((model && laws));
  double best = HUGE_VAL;
  for (const World::Node& node : world.nodes()) {
    const Machines machines(s, *node.option, world.efficiency());
    Resources resources = resources_of(s, *node.option, 1, 1);
    resources.time_sd = machines.time_sd();
    const Problem times(s, *model, std::move(resources));
    const View view{LossModel::point, one.confident ? std::optional(0.9) : std::nullopt};
    const double late = times.time_factor(view, true);
    const double usual = times.time_factor(view, false);
    const auto n = static_cast<double>(node.params.total);
    double most = 1e20;
    for (const auto& [key, limit] : one.budgets) {
      most = std::min(most, limit / (used(node, key, 1) * (timed(key) ? late : 1)));
    }
    const auto seen = [&](double tokens, double quantile) {
      const RunSize run = run_size(node.params, tokens, 2);
      const double reference = laws->batch(run).value;
      const double critical = laws->critical_batch(run).value;
      const double worth =
          std::min(1.0, (1 + reference / critical) / (1 + node.offer.batch_tokens / critical));
      return one.confident ? model->quantile(quantile, n, tokens * worth)
                           : model->loss(LossModel::point, n, tokens * worth);
    };
    if (one.target == 0) {
      best = std::min(best, seen(most, 0.5));
      continue;
    }
    const auto excess = [&](double x) { return seen(std::exp(x), 0.9) - one.target; };
    if (most < 1 || excess(std::log(most)) > 0) continue;
    const double tokens = std::exp(num::find_root(excess, std::log(1e6), std::log(most)));
    if (one.objective == "loss") {
      best = std::min(best, seen(most, 0.5));
    } else {
      best = std::min(best, used(node, one.objective, tokens) * (timed(one.objective) ? usual : 1));
    }
  }
  return best;
}

// Budgets around what some node needs, so that most cases can be solved.
Case some_case(const World& world, const fit::Predictor& law, num::Random& random) {
  static const char* const keys[] = {"train_flop", "train_time_s", "device_hours",    "cost_usd",
                                     "energy_j",   "carbon_g",     "train_flop_exact"};
  Case out;
  const World::Node& node = world.nodes()[random.below(world.nodes().size())];
  const double tokens = static_cast<double>(node.params.total) * std::exp(std::log(5) + 2 * random.uniform());
  out.confident = random.uniform() < 0.3;
  if (random.uniform() < 0.5) {
    out.objective = keys[random.below(7)];
    const laws::Law& chinchilla = law.members.front().law;
    const Scenario s = scenario(world.bare());
    Result<LossModel> model = LossModel::build(s, law);
    REQUIRE((model && chinchilla.size() != nullptr));
    out.target = model->loss(LossModel::point, static_cast<double>(node.params.total), tokens) * 1.01;
  }
  const std::size_t budgets = out.target > 0 ? random.below(2) : 1 + random.below(2);
  std::string text;
  for (std::size_t i = 0; i < budgets; ++i) {
    const std::string key = keys[random.below(7)];
    if (out.budgets.contains(key)) continue;
    const double limit =
        used(node, key, tokens) * (out.target > 0 ? 3 : 1) * std::exp(0.6 * random.uniform());
    out.budgets[key] = limit;
    const bool exact = key == "train_flop_exact";
    if (exact && out.budgets.contains("train_flop")) {
      out.budgets.erase(key);
      continue;
    }
    if (key == "train_flop" && out.budgets.contains("train_flop_exact")) {
      out.budgets.erase(key);
      continue;
    }
    text += fmt::format(
        "{}\"{}\":{}", text.empty() ? "" : ",", exact ? "train_flop" : key,
        exact ? fmt::format(R"({{"max":{:.17g},"counts":"exact"}})", limit) : fmt::format("{:.17g}", limit));
  }
  if (!text.empty()) out.members += R"(,"budgets":{)" + text + "}";
  if (out.target > 0)
    out.members +=
        fmt::format(R"(,"objective":"{}","targets":{{"loss":{:.17g}}})", out.objective, out.target);
  if (out.confident) out.members += R"(,"confidence":0.9)";
  return out;
}

}  // namespace

TEST_CASE("the joint plan equals an exhaustive search of the same classes", "[exhaustive]") {
  const auto all = worlds();
  for (const auto& world : all) UNSCOPED_INFO(world->nodes().size());
  const fit::Predictor certain = law("chinchilla:hoffmann2022");
  const fit::Predictor uncertain = uncertain_law(12);
  int solved = 0;
  for (std::uint64_t k = 0; k < 200; ++k) {
    num::Random random(21, k);
    const World& world = *all[k % all.size()];
    const Case one = some_case(world, certain, random);
    const fit::Predictor& law = one.confident ? uncertain : certain;
    const Scenario exact = scenario(world.with(one.members, R"(,"gap":0,"shape_tolerance":0)"));
    const Plan plan = planned(exact, law);
    const double best = exhaustive(world, one, exact, law);
    INFO("case " << k << one.members << " exhaustive " << fmt::format("{:.12g}", best));
    if (!std::isfinite(best)) {
      CHECK(plan.status == Status::infeasible);
      continue;
    }
    ++solved;
    REQUIRE(plan.certificate);
    CHECK(plan.certificate->value == Approx(best).epsilon(1e-6));
    CHECK(plan.certificate->bound <= best * (1 + 1e-9));
    CHECK(plan.certificate->gap <= 1e-6);
    CHECK(plan.status == Status::optimal);
    const Plan usual = planned(scenario(world.with(one.members, "")), law);
    REQUIRE(usual.certificate);
    auto told = [](const Plan& p) {
      const Decision& d = *p.decision;
      return fmt::format("{} layers of {}, {} × {} tokens, {}", d.shape.layers, d.shape.hidden,
                         d.run->devices, d.batch_tokens, model::to_text(d.run->layout.layout));
    };
    INFO("exact: " << told(plan) << "; usual: " << told(usual));
    const auto loss_price = usual.relaxation.per_log_limit.find("loss");
    const double tolerance = one.objective == "loss" ? best
                             : loss_price == usual.relaxation.per_log_limit.end()
                                 ? 0
                                 : std::abs(loss_price->second);
    CHECK(usual.certificate->value <= best * (1 + 1e-4) + 1e-4 * tolerance);
    CHECK(usual.certificate->bound <= best * (1 + 1e-9));
  }
  CHECK(solved > 150);
}

TEST_CASE("a limit switches the class where an exhaustive scan does", "[exhaustive]") {
  const auto all = worlds();
  const fit::Predictor certain = law("chinchilla:hoffmann2022");
  int switched = 0;
  int kept = 0;
  for (std::uint64_t k = 0; k < 60; ++k) {
    num::Random random(22, k);
    const World& world = *all[k % all.size()];
    // the time that some node takes, at about the money that a node on other machines costs
    const World::Node& some = world.nodes()[random.below(world.nodes().size())];
    const World::Node* other = &some;
    while (other->option->devices == some.option->devices) {
      other = &world.nodes()[random.below(world.nodes().size())];
    }
    const double tokens = static_cast<double>(some.params.total) * std::exp(std::log(30) + random.uniform());
    const std::map<std::string, double> limits{
        {"train_time_s", used(some, "train_time_s", tokens) * std::exp(0.1 * (random.uniform() - 0.5))},
        {"cost_usd", used(*other, "cost_usd", tokens)}};
    const Scenario s =
        scenario(world.with(fmt::format(R"(,"budgets":{{"train_time_s":{:.17g},"cost_usd":{:.17g}}})",
                                        limits.at("train_time_s"), limits.at("cost_usd")),
                            R"(,"gap":0,"shape_tolerance":0)"));
    const Plan plan = planned(s, certain);
    REQUIRE(plan.decision);
    const auto binding = std::find_if(plan.constraints.begin(), plan.constraints.end(),
                                      [](const Constraint& c) { return c.per_log_limit != 0; });
    REQUIRE(binding != plan.constraints.end());
    const std::string key = binding->name;
    const double limit = limits.at(key);
    Result<LossModel> model = LossModel::build(s, certain);
    Result<HyperparameterLaws> laws = HyperparameterLaws::build(s, catalogue);
    REQUIRE((model && laws));
    auto value = [&](const World::Node& node, double factor) {
      double most = 1e20;
      for (const auto& [name, most_used] : limits) {
        most = std::min(most, (name == key ? factor : 1) * most_used / used(node, name, 1));
      }
      const RunSize run = run_size(node.params, most, 2);
      const double critical = laws->critical_batch(run).value;
      const double worth =
          std::min(1.0, (1 + laws->batch(run).value / critical) / (1 + node.offer.batch_tokens / critical));
      return model->loss(LossModel::point, static_cast<double>(node.params.total), most * worth);
    };
    // each shape on each option with the batch that is best at the limit as it is
    std::map<std::pair<const Option*, std::pair<std::int64_t, std::int64_t>>, const World::Node*> classes;
    for (const World::Node& node : world.nodes()) {
      const model::Shape& shape = node.shape;
      const World::Node*& best = classes[{node.option, {shape.layers, shape.hidden}}];
      if (best == nullptr || value(node, 1) < value(*best, 1)) best = &node;
    }
    auto winner = [&](double factor) {
      const World::Node* best = nullptr;
      for (const auto& [name, node] : classes) {
        if (best == nullptr || value(*node, factor) < value(*best, factor)) best = node;
      }
      return best;
    };
    const World::Node* now = winner(1);
    double nearest = 0;
    for (int i = 1; i <= 500 && nearest == 0; ++i) {
      for (const double side : {1e-4, -1e-4}) {
        if (nearest == 0 && winner(1 + i * side) != now) nearest = i * side;
      }
    }
    INFO("case " << k << " " << key << " switches at " << nearest);
    const auto& found = binding->switches_at;
    if (nearest == 0 || std::abs(nearest) > 0.0495) {
      kept += found ? 0 : 1;
      continue;
    }
    REQUIRE(found);
    ++switched;
    CHECK(std::abs(found->limit / limit - 1) == Approx(std::abs(nearest)).margin(3e-4));
    const World::Node* beyond = winner(found->limit / limit);
    CHECK(found->params.total == beyond->params.total);
    CHECK(found->run->devices == beyond->option->devices);
  }
  CHECK(switched > 10);
  CHECK(kept > 5);
}

}  // namespace scaleplan::plan::test
