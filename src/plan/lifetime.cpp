#include "plan/lifetime.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "plan/techniques.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr double widest = 65536;
constexpr double grid_step = 1.12;  // of the hidden size between nodes of the table
constexpr double year_s = 365.25 * 86400;
constexpr std::uint64_t demand_stream = 0x64656d61;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// Years' worth of the first year's demand when it grows by `growth` a year for `years`.
double years_of(double growth, double years) {
  const double rate = std::log(growth);
  return std::abs(rate) < 1e-12 ? years : std::expm1(rate * years) / rate;
}

// Standard deviation of the logarithm, of the lognormal through the outer percentiles.
double log_sd(const serving::Estimate& estimate) {
  if (!estimate.p10 || !estimate.p90) return 0;
  return std::log(*estimate.p90 / *estimate.p10) / (2 * num::normal_quantile(0.9));
}

// Through (x, y) with slopes m at both ends (cubic Hermite).
double hermite(double x0, double x1, double y0, double y1, double m0, double m1, double x) {
  const double h = x1 - x0;
  const double t = (x - x0) / h;
  const double u = 1 - t;
  return u * u * (1 + 2 * t) * y0 + t * t * (1 + 2 * u) * y1 + h * (t * u * u * m0 - t * t * u * m1);
}

}  // namespace

struct Lifetime::Node {
  model::Shape shape;
  double ln_size = 0;
  mutable std::once_flag once;
  mutable ServiceCost cost;
};

struct Lifetime::Kept {
  std::mutex mutex;
  std::vector<std::pair<model::Shape, std::shared_ptr<const Served>>> served;

  [[nodiscard]] const std::shared_ptr<const Served>* find(const model::Shape& shape) const {
    const auto found =
        std::find_if(served.begin(), served.end(), [&](const auto& each) { return each.first == shape; });
    return found == served.end() ? nullptr : &found->second;
  }
};

std::shared_ptr<const ServedModel> served_model(const Served& served) {
  return std::make_shared<const ServedModel>(ServedModel{served.site->id, served.deployed, served.curve,
                                                         served.cost.usd, served.cost.joules,
                                                         served.cost.grams});
}

Lifetime::Lifetime(const Scenario& scenario, model::Count count, serving::Efficiency efficiency)
    : scenario_(scenario), efficiency_(std::move(efficiency)), kept_(std::make_unique<Kept>()) {
  const serving::Demand& demand = scenario.demand->demand;
  context_ = scenario.data.sequence_length;
  for (const Stage& stage : scenario.data.stages) context_ = std::max(context_, stage.sequence_length);
  const double years = demand.lifetime.raw() > 0 ? demand.lifetime.raw() / year_s : 1;
  const double growth = demand.lifetime.raw() > 0 ? demand.growth_per_year.value : 1;
  const double days = years_of(growth, years) * year_s / 86400;
  inference_tokens_ = days * (demand.input_per_day.value * (1 - demand.prefix_hit_rate) +
                              demand.output_per_day.value * static_cast<double>(demand.samples_per_query));
  const model::Family& family = scenario.model.family;
  const auto step = static_cast<double>(std::max(family.hidden_multiple_of, family.hidden_per_head));
  double last = 0;
  for (double hidden = step; hidden <= widest; hidden *= grid_step) {
    const double whole = step * std::round(hidden / step);
    if (whole <= last) continue;
    last = whole;
    const auto layers = std::max<std::int64_t>(1, std::llround(whole / family.aspect_reference));
    auto node = std::make_unique<Node>();
    node->shape = family.shape(layers, static_cast<std::int64_t>(whole));
    node->ln_size =
        std::log(static_cast<double>(model::counted(model::count_parameters(node->shape), count)));
    if (!nodes_.empty() && node->ln_size <= nodes_.back()->ln_size) continue;
    nodes_.push_back(std::move(node));
  }
  draw_demand();
}

Lifetime::~Lifetime() = default;

void Lifetime::draw_demand() {
  const serving::Demand& demand = scenario_.demand->demand;
  const double years = demand.lifetime.raw() > 0 ? demand.lifetime.raw() / year_s : 0;
  const double input = log_sd(demand.input_per_day);
  const double output = log_sd(demand.output_per_day);
  const double growth = log_sd(demand.growth_per_year);
  const double peak = log_sd(demand.peak_to_mean);
  if (input + output + growth + peak == 0) return;
  const double middle = years_of(demand.growth_per_year.value, years);
  for (int k = 0; k < scenario_.search.draws; ++k) {
    num::Random random(scenario_.search.seed + demand_stream, static_cast<std::uint64_t>(k));
    DemandDraw draw;
    draw.input = std::exp(input * random.normal());
    draw.output = std::exp(output * random.normal());
    const double grown = demand.growth_per_year.value * std::exp(growth * random.normal());
    draw.scale = std::exp(peak * random.normal());
    if (years > 0) draw.scale *= years_of(grown, years) / middle;
    draws_.push_back(draw);
  }
}

Result<std::unique_ptr<Lifetime>> Lifetime::build(const Scenario& scenario, model::Count count,
                                                  const json::Catalogue& catalogue) {
  Result<serving::Efficiency> efficiency = serving::default_efficiency(catalogue);
  if (!efficiency) return efficiency.errors();
  std::unique_ptr<Lifetime> out(new Lifetime(scenario, count, std::move(*efficiency)));
  Result<ServingEffects> effects = serving_effects(scenario);
  if (!effects) return effects.errors();
  out->freedom_.techniques = std::move(effects->stack);
  out->cost_factor_ = effects->cost;
  out->inference_tokens_ *= effects->tokens;
  for (const ServingSite& site : scenario.demand->sites) {
    // what is wrong with a demand does not depend on the shape
    Result<serving::Service> tried =
        serving::deploy(out->nodes_.front()->shape, out->context_, site.place, scenario.demand->demand,
                        out->freedom_, out->efficiency_, 0, scenario.level);
    if (!tried) {
      Diagnostics errors = tried.errors();
      for (Diagnostic& found : errors) {
        if (found.place.file.empty()) found.place = scenario.demand->place;
      }
      return errors;
    }
  }
  return out;
}

ServiceCost Lifetime::cost_of(const ServingSite& site, const serving::Deployed& deployed) const {
  ServiceCost cost;
  cost.prefill_share = deployed.prefill_share;
  cost.usd = site.place.price_per_device_hour
                 ? cost_factor_ * deployed.lifetime_device_hours * site.place.price_per_device_hour->raw()
                 : nothing;
  cost.joules = cost_factor_ * deployed.energy_j_per_token * deployed.lifetime_tokens;
  const double made = economy::embodied_rate(site.place.machine.device) * 3600;  // of a device-hour
  cost.grams = site.place.carbon ? cost.joules * site.place.carbon->raw() +
                                       cost_factor_ * deployed.lifetime_device_hours * made
                                 : nothing;
  return cost;
}

double Lifetime::rank(const ServiceCost& cost) const {
  if (scenario_.objective == "lifetime_carbon_g") return cost.grams;
  if (scenario_.objective == "lifetime_energy_j" || std::isnan(cost.usd)) return cost.joules;
  return cost.usd;
}

std::optional<Served> Lifetime::search(const model::Shape& shape) const {
  std::optional<Served> best;
  for (const ServingSite& site : scenario_.demand->sites) {
    Result<serving::Service> service = serving::deploy(shape, context_, site.place, scenario_.demand->demand,
                                                       freedom_, efficiency_, 0, scenario_.level);
    if (!service || !service->best) continue;
    const ServiceCost cost = cost_of(site, *service->best);
    if (best && !(rank(cost) < rank(best->cost))) continue;
    best = Served{&site, std::move(*service->best), std::move(service->curve), cost};
  }
  return best;
}

std::shared_ptr<const Served> Lifetime::serve(const model::Shape& shape) const {
  {
    const std::scoped_lock lock(kept_->mutex);
    if (const auto* found = kept_->find(shape)) return *found;
  }
  std::optional<Served> found = search(shape);
  auto served = found ? std::make_shared<const Served>(std::move(*found)) : nullptr;
  const std::scoped_lock lock(kept_->mutex);
  if (const auto* meanwhile = kept_->find(shape)) return *meanwhile;
  return kept_->served.emplace_back(shape, std::move(served)).second;
}

const Lifetime::Node& Lifetime::node(std::size_t i) const {
  const Node& node = *nodes_[i];
  std::call_once(node.once, [&] {
    const std::optional<Served> served = search(node.shape);
    if (served) {
      node.cost = served->cost;
    } else {
      node.cost.possible = false;
    }
  });
  return node;
}

ServiceCost Lifetime::at_size(double size) const {
  if (!has_sites()) return {};
  const double x = std::log(size);
  const auto above = std::upper_bound(nodes_.begin() + 1, nodes_.end() - 1, x,
                                      [](double at, const auto& n) { return at < n->ln_size; });
  const auto i = static_cast<std::size_t>(above - nodes_.begin());
  const Node* left = &node(i - 1);
  const Node* right = &node(i);
  if (x > right->ln_size) left = right;
  if (x < left->ln_size) right = left;
  if (left == right) return left->cost;
  // between a size that can be served and one that cannot, the wall is taken to be in the middle
  if (!left->cost.possible || !right->cost.possible) {
    return x - left->ln_size < right->ln_size - x ? left->cost : right->cost;
  }
  const Node* before = i >= 2 && node(i - 2).cost.possible ? &node(i - 2) : left;
  const Node* after = i + 1 < nodes_.size() && node(i + 1).cost.possible ? &node(i + 1) : right;
  auto between = [&](double ServiceCost::*member) {
    auto y = [&](const Node* n) { return std::log(n->cost.*member); };
    const double chord = (y(right) - y(left)) / (right->ln_size - left->ln_size);
    auto slope = [&](const Node* a, const Node* b) {
      if (a->ln_size == b->ln_size) return chord;
      const double wide = (y(b) - y(a)) / (b->ln_size - a->ln_size);
      // no overshoot (Fritsch and Carlson 1980)
      return chord > 0 ? std::clamp(wide, 0.0, 3 * chord) : std::clamp(wide, 3 * chord, 0.0);
    };
    return std::exp(hermite(left->ln_size, right->ln_size, y(left), y(right), slope(before, right),
                            slope(left, after), x));
  };
  ServiceCost cost;
  cost.usd = std::isnan(left->cost.usd) ? nothing : between(&ServiceCost::usd);
  cost.joules = between(&ServiceCost::joules);
  cost.grams = std::isnan(left->cost.grams) ? nothing : between(&ServiceCost::grams);
  const double t = (x - left->ln_size) / (right->ln_size - left->ln_size);
  cost.prefill_share = (1 - t) * left->cost.prefill_share + t * right->cost.prefill_share;
  return cost;
}

double Lifetime::factor(std::size_t k, double prefill_share) const {
  const DemandDraw& draw = draws_[k];
  return draw.scale * (prefill_share * draw.input + (1 - prefill_share) * draw.output);
}

}  // namespace scaleplan::plan
