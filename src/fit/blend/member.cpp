#include "fit/blend/member.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fit/working.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double arm_scale = 0.1;
constexpr double same_budget = 1.02;
constexpr double least_noise = 5e-4;

using Summaries = std::map<std::string, double>;

double evaluate(const expr::Expression& expression, const Summaries& summaries) {
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, value] : summaries) {
    names.push_back(name);
    values.push_back(value);
  }
  return expr::Program::compile(expression, {names, {}, {}, {}}).at(values, {}, {});
}

Summaries summarise(const Model& model, const std::vector<std::size_t>& rows) {
  Summaries out;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    std::vector<double> logs;
    logs.reserve(rows.size());
    for (const std::size_t row : rows) {
      logs.push_back(std::log(model.inputs[i][row]));
    }
    out[model.law->inputs[i].name + "_mid"] = std::exp(num::median(logs));
  }
  double least = std::numeric_limits<double>::infinity();
  for (const std::size_t row : rows) {
    least = std::min(least, model.observed[row]);
  }
  out[model.law->output.name + "_min"] = least;
  return out;
}

/// Starts of the law's blend section, one for every combination of what varies.
std::vector<std::vector<double>> seeds(const Model& model, const Summaries& summaries) {
  const laws::BlendRole& role = *model.law->blend;
  std::vector<Summaries> combinations{summaries};
  for (const auto& [name, values] : role.vary) {
    std::vector<Summaries> wider;
    for (const Summaries& combination : combinations) {
      for (const double value : values) {
        wider.push_back(combination);
        wider.back()[name] = value;
      }
    }
    combinations = std::move(wider);
  }
  std::vector<std::vector<double>> starts;
  for (const Summaries& combination : combinations) {
    std::vector<double>& theta = starts.emplace_back();
    for (const std::size_t p : model.free) {
      const laws::Parameter& parameter = model.law->parameters[p];
      theta.push_back(working_value(parameter, evaluate(role.start.at(parameter.name), combination)));
    }
  }
  return starts;
}

Beliefs beliefs(const Model& model, const Summaries& summaries, double noise) {
  // A prior weighs as much as the noise lets it: the likelihood scale of the Huber loss at this noise.
  const double scale = model.delta < noise ? model.delta * noise : noise * noise;
  Beliefs out;
  for (const std::size_t p : model.free) {
    const auto prior = model.law->blend->priors.find(model.law->parameters[p].name);
    const bool given = prior != model.law->blend->priors.end();
    out.mean.push_back(given ? evaluate(prior->second.mean, summaries) : 0);
    out.precision.push_back(given ? scale / (prior->second.sd * prior->second.sd) : 0);
  }
  return out;
}

std::vector<double> scaled_to_one(std::vector<double> weights) {
  const double mean =
      std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  for (double& w : weights) {
    w /= mean;
  }
  return weights;
}

Descent best_descent(const Objective& objective, const Model& model,
                     const std::vector<std::vector<double>>& starts, Descender& scratch) {
  Descent best;
  best.value = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& start : starts) {
    Descent end = descend(objective, model.box, start, true, {}, scratch);
    if (end.ending == Ending::converged && end.value < best.value) {
      best = std::move(end);
    }
  }
  return best;
}

}  // namespace

std::vector<double> arm_weights(const BlendData& data, const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> order = rows;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return data.compute[a] < data.compute[b]; });
  std::map<std::size_t, double> frontier;
  double least = std::numeric_limits<double>::infinity();
  std::size_t seen = 0;
  for (const std::size_t row : order) {
    while (seen < order.size() && data.compute[order[seen]] <= same_budget * data.compute[row]) {
      least = std::min(least, data.ln_loss[order[seen++]]);
    }
    frontier[row] = least;
  }
  std::vector<double> weights;
  weights.reserve(rows.size());
  for (const std::size_t row : rows) {
    weights.push_back(std::exp(-std::max(0.0, data.ln_loss[row] - frontier[row]) / arm_scale));
  }
  return weights;
}

std::vector<double> row_weights(const BlendData& data, const std::vector<std::size_t>& rows) {
  std::vector<double> weights = arm_weights(data, rows);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    weights[k] *= data.weight[rows[k]];
  }
  return weights;
}

double mean_error(const BlendData& data, const std::vector<std::size_t>& rows,
                  const std::vector<double>& ln_loss) {
  double sum = 0;
  double total = 0;
  for (const std::size_t row : rows) {
    sum += data.weight[row] * std::abs(data.ln_loss[row] - ln_loss[row]);
    total += data.weight[row];
  }
  return sum / total;
}

std::vector<std::size_t> window_rows(const BlendData& data, const std::vector<std::size_t>& rows,
                                     double decades) {
  double top = 0;
  for (const std::size_t row : rows) {
    top = std::max(top, data.compute[row]);
  }
  const double from = std::isfinite(decades) ? top * std::exp(-decades * std::log(10.0) - 0.01) : 0;
  std::vector<std::size_t> inside;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(inside),
               [&](std::size_t row) { return data.compute[row] >= from; });
  return inside;
}

std::vector<std::vector<double>> data_starts(const Model& model) {
  std::vector<std::size_t> rows(model.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return seeds(model, summarise(model, rows));
}

double noise_scale(const Participant& plain, const std::vector<std::size_t>& rows,
                   const std::vector<double>& weights, Descender& scratch) {
  const Model& model = plain.model;
  const Objective objective(model.rows.gather(rows), scaled_to_one(weights), model.delta);
  const Descent best = best_descent(objective, model, seeds(model, summarise(model, rows)), scratch);
  if (best.theta.empty()) {
    return least_noise;
  }
  std::vector<double> residuals;
  objective.residuals(scratch.workspace, best.theta, residuals);
  for (double& r : residuals) {
    r = std::abs(r);
  }
  return std::max(num::median(residuals) / std::log(2.0), least_noise);
}

MemberFit fit_member(const Participant& member, const std::vector<std::size_t>& rows,
                     const std::vector<double>& weights, double noise, Descender& scratch) {
  const Model& model = member.model;
  const Summaries summaries = summarise(model, rows);
  const Objective objective(model.rows.gather(rows), scaled_to_one(weights), model.delta,
                            beliefs(model, summaries, noise));
  const Descent best = best_descent(objective, model, seeds(model, summaries), scratch);
  MemberFit fit;
  fit.noise = noise;
  if (!best.theta.empty()) {
    fit.theta = best.theta;
    fit.natural = model.natural(best.theta);
    fit.objective = best.value;
    fit.belief_part = objective.belief_part(best.theta);
  }
  return fit;
}

MemberFit refit_member(const Participant& member, const std::vector<double>& weights, const MemberFit& from,
                       Descender& scratch) {
  const Model& model = member.model;
  std::vector<std::size_t> rows;
  std::vector<double> kept;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] > 0) {
      rows.push_back(row);
      kept.push_back(weights[row]);
    }
  }
  MemberFit fit;
  if (rows.empty()) {
    return fit;
  }
  const Objective objective(model.rows.gather(rows), scaled_to_one(kept), model.delta,
                            beliefs(model, summarise(model, rows), from.noise));
  const Descent end = descend(objective, model.box, from.theta, false, {}, scratch);
  if (end.ending == Ending::converged) {
    fit.theta = end.theta;
    fit.natural = model.natural(end.theta);
    fit.objective = end.value;
  }
  return fit;
}

MemberFit fit_plain(const Participant& member, const std::vector<std::size_t>& rows, Descender& scratch) {
  const Model& model = member.model;
  std::vector<double> weights;
  weights.reserve(rows.size());
  for (const std::size_t row : rows) {
    weights.push_back(model.weights[row]);
  }
  const Objective objective(model.rows.gather(rows), weights, model.delta);
  const Descent best = best_descent(objective, model, seeds(model, summarise(model, rows)), scratch);
  MemberFit fit;
  if (!best.theta.empty()) {
    fit.theta = best.theta;
    fit.natural = model.natural(best.theta);
    fit.objective = best.value;
  }
  return fit;
}

std::vector<double> ln_predictions(const Participant& member, const BlendData& data, const MemberFit& fit,
                                   Descender& scratch) {
  const Objective objective(member.model.rows, member.model.weights, member.model.delta);
  std::vector<double> out;
  objective.residuals(scratch.workspace, fit.theta, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] += data.ln_loss[i];
  }
  return out;
}

}  // namespace scaleplan::fit
