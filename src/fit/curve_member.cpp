#include "fit/curve_member.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t starts_descended = 3;

/// Published sets of one law agree on its shape; a run of another kind may lie this many times further off.
constexpr double prior_widening = 3;

std::vector<const laws::Set*> verified_sets(const laws::Law& law) {
  std::vector<const laws::Set*> out;
  for (const laws::Set& set : law.sets) {
    if (set.verified) {
      out.push_back(&set);
    }
  }
  return out;
}

}  // namespace

bool has_prior(const laws::Law& law) {
  return verified_sets(law).size() > 1;
}

std::size_t BinnedCurve::entries(double at) const {
  const auto wanted = static_cast<std::size_t>(std::max(1.0, std::round(at / stride)));
  return std::min(wanted, rate.size());
}

CurveLaw::CurveLaw(const laws::Law& law, const BinnedCurve& curve)
    : law_(law), curve_(curve), working_(working_law(law, laws::Residual::log)) {}

CurveLaw::Bindings CurveLaw::bind(std::span<const double> steps, std::span<const double> losses) const {
  Bindings out;
  std::map<std::string, expr::VectorColumn>& lists = out.lists;
  expr::Columns columns;
  columns.rows = steps.size();
  const std::vector<double> strides(steps.size(), curve_.stride);
  for (const laws::Input& input : law_.inputs) {
    if (!input.vector) {
      columns.inputs.emplace_back(strides);
      continue;
    }
    expr::VectorColumn& list = lists[input.name];
    const std::vector<double>& source = input.name == "lr" ? curve_.rate : curve_.rate_sum;
    list.offsets.push_back(0);
    for (const double step : steps) {
      const auto end = source.begin() + static_cast<std::ptrdiff_t>(curve_.entries(step));
      list.values.insert(list.values.end(), source.begin(), end);
      list.offsets.push_back(list.values.size());
    }
  }
  for (const laws::Input& input : law_.inputs) {
    if (input.vector) {
      columns.vectors.push_back(&lists[input.name]);
    }
  }
  columns.inputs.emplace_back(losses);
  out.rows = expr::Bound(working_.residual, columns);
  return out;
}

Beliefs CurveLaw::beliefs(double delta) const {
  Beliefs out;
  if (!has_prior(law_)) {
    return out;
  }
  const std::vector<const laws::Set*> sets = verified_sets(law_);
  for (const std::size_t p : working_.free) {
    std::vector<double> values;
    values.reserve(sets.size());
    for (const laws::Set* set : sets) {
      values.push_back(working_value(law_.parameters[p], set->values[p]));
    }
    const double width = prior_widening * num::standard_deviation(values);
    out.mean.push_back(num::mean(values));
    out.precision.push_back(width > 0 ? delta * delta / (width * width) : 0);
  }
  return out;
}

std::vector<std::vector<double>> CurveLaw::starts(double last_loss) const {
  std::vector<std::vector<double>> out = {{}};
  for (const std::size_t p : working_.free) {
    const laws::Parameter& parameter = law_.parameters[p];
    std::vector<std::vector<double>> longer;
    std::vector<double> values = parameter.start;
    if (parameter.name == "L0") {
      values = {working_value(parameter, 0.6 * last_loss), working_value(parameter, 0.9 * last_loss)};
    }
    for (const std::vector<double>& start : out) {
      for (const double value : values) {
        longer.push_back(start);
        longer.back().push_back(value);
      }
    }
    out = std::move(longer);
  }
  return out;
}

CurveLaw::Fitted CurveLaw::fit(std::size_t first, std::size_t last, double delta,
                               const std::vector<double>* start) const {
  const std::span steps = std::span(curve_.step).subspan(first, last - first);
  const std::span losses = std::span(curve_.loss).subspan(first, last - first);
  const std::vector<double> weights(steps.size(), 1.0);
  const Bindings bindings = bind(steps, losses);
  const Objective objective(bindings.rows, weights, delta, beliefs(delta));
  Descender scratch(working_.residual);
  std::vector<std::vector<double>> candidates;
  if (start != nullptr) {
    candidates.push_back(*start);
  } else {
    std::vector<std::pair<double, std::vector<double>>> ranked;
    for (std::vector<double>& each : starts(losses.back())) {
      objective.evaluate(scratch.workspace, each, delta, scratch.here);
      if (std::isfinite(scratch.here.value)) {
        ranked.emplace_back(scratch.here.value, std::move(each));
      }
    }
    std::sort(ranked.begin(), ranked.end());
    for (std::size_t i = 0; i < std::min(starts_descended, ranked.size()); ++i) {
      candidates.push_back(ranked[i].second);
    }
  }
  Fitted out;
  double best = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& candidate : candidates) {
    const Descent found = descend(objective, working_.box, candidate, false, {}, scratch);
    if (!found.theta.empty() && found.value < best) {
      best = found.value;
      out.theta = found.theta;
    }
  }
  if (!out.theta.empty()) {
    objective.residuals(scratch.workspace, out.theta, out.residuals);
  }
  return out;
}

double CurveLaw::value(const std::vector<double>& theta, double at) const {
  const std::vector<double> steps = {at};
  const std::vector<double> one = {1.0};
  const Bindings bindings = bind(steps, one);
  const Objective objective(bindings.rows, one, 1.0);
  Descender scratch(working_.residual);
  std::vector<double> residuals;
  objective.residuals(scratch.workspace, theta, residuals);
  return std::exp(residuals.front());
}

std::vector<double> CurveLaw::natural(const std::vector<double>& theta) const {
  return natural_values(law_, working_.free, theta);
}

}  // namespace scaleplan::fit
