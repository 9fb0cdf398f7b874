#include "fit/blend/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "fit/blend/allocation.hpp"
#include "fit/blend/prefix.hpp"
#include "fit/methods.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double cut_decades[] = {0.25, 0.5, 1.0};
constexpr double cut_slack = 0.003;
constexpr double least_variation = 0.1;
constexpr double error_floor = 0.001;
constexpr double error_power = 8;

/// Every row gives the inputs of the law; those with a default may stand in no row, but not all of them.
bool gives_inputs(const laws::Law& law, const runs::Table& table) {
  bool any = false;
  const bool complete = std::all_of(law.inputs.begin(), law.inputs.end(), [&](const laws::Input& input) {
    const auto column = table.columns.find(input.column);
    if (column == table.columns.end()) {
      return input.fallback.has_value();
    }
    any = any || input.fallback;
    return std::none_of(column->second.begin(), column->second.end(), [](double x) { return std::isnan(x); });
  });
  return complete && any;
}

bool varies(const Model& model, const expr::Expression& when) {
  expr::Columns columns;
  columns.rows = model.size();
  columns.inputs.assign(model.inputs.begin(), model.inputs.end());
  const auto values =
      expr::Program::compile(when, {model.law->input_names(), {}, {}, {}}).evaluate(columns, {});
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low > least_variation;
}

/// The law with its parameters in the coordinates of its priors.
laws::Law with_prior_coordinates(const laws::Law& law) {
  laws::Law changed = law;
  for (laws::Parameter& parameter : changed.parameters) {
    const auto prior = law.blend->priors.find(parameter.name);
    if (prior != law.blend->priors.end()) {
      parameter.log = prior->second.log;
    }
  }
  return changed;
}

Result<std::vector<Participant>> participants_of(const std::vector<laws::Law>& laws, const runs::Table& table,
                                                 const Options& options) {
  std::vector<Participant> all;
  for (const laws::Law& law : laws) {
    const bool conditional = law.blend != nullptr && !law.blend->when.empty();
    if (law.blend == nullptr || law.fit.residual != laws::Residual::log ||
        (conditional && !gives_inputs(law, table))) {
      continue;
    }
    Participant participant;
    participant.law = std::make_shared<const laws::Law>(with_prior_coordinates(law));
    auto model = build_model(*participant.law, table, options);
    if (!model) {
      if (all.empty()) {
        return model.errors();
      }
      continue;  // fewer rows than this law has parameters
    }
    participant.model = std::move(*model);
    if (!conditional || varies(participant.model, law.blend->when)) {
      all.push_back(std::move(participant));
    }
  }
  if (all.empty()) {
    return error("no law takes part in the blend", "name a law with --law");
  }
  return all;
}

std::vector<std::size_t> all_rows(const BlendData& data) {
  std::vector<std::size_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

BlendData data_of(const std::vector<Participant>& participants, const runs::Table& table) {
  const Model& model = participants.front().model;
  const laws::Law& law = *model.law;
  BlendData data;
  const auto column = [&](const laws::Input* input) {
    return model.inputs[static_cast<std::size_t>(input - law.inputs.data())];
  };
  data.size = column(law.size());
  data.tokens = column(law.tokens());
  for (const double loss : model.observed) {
    data.ln_loss.push_back(std::log(loss));
  }
  for (const Participant& participant : participants) {
    for (std::size_t i = 0; i < participant.law->inputs.size(); ++i) {
      if (participant.law->inputs[i].column == "unique_tokens") {
        data.unique = participant.model.inputs[i];
      }
    }
  }
  data.compute = run_compute(model, table);
  data.weight = model.weights;
  return data;
}

/// The list of places: settled once, on all rows.
std::vector<Slot> slots_of(const BlendData& data, const std::vector<Participant>& participants) {
  const std::vector<std::size_t> rows = all_rows(data);
  std::vector<Slot> slots;
  for (std::size_t p = 0; p < participants.size(); ++p) {
    const laws::BlendRole& role = *participants[p].law->blend;
    for (const double decades : role.windows) {
      const std::size_t inside = window_rows(data, rows, decades).size();
      const bool counts = !std::isfinite(decades) || (inside >= window_minimum && inside < rows.size());
      if (counts || role.keep) {
        slots.push_back({p, decades});
      }
    }
  }
  return slots;
}

/// A cut of the rolling test needs enough rows, budgets and sizes below and enough rows above.
bool valid_cut(const BlendData& data, const std::vector<std::size_t>& below) {
  std::set<long> budgets;
  std::set<double> sizes;
  for (const std::size_t row : below) {
    budgets.insert(std::lround(10 * std::log10(data.compute[row])));
    sizes.insert(data.size[row]);
  }
  return below.size() >= 10 && budgets.size() >= 3 && sizes.size() >= 3 && data.rows() - below.size() >= 3;
}

struct Cut {
  double decades;
  std::vector<std::size_t> below;
};

std::vector<Cut> cuts_of(const BlendData& data) {
  const double top = std::log10(*std::max_element(data.compute.begin(), data.compute.end()));
  std::vector<Cut> cuts;
  for (const double decades : cut_decades) {
    Cut cut{decades, {}};
    for (std::size_t row = 0; row < data.rows(); ++row) {
      if (std::log10(data.compute[row]) <= top - decades + cut_slack) {
        cut.below.push_back(row);
      }
    }
    const bool seen =
        std::any_of(cuts.begin(), cuts.end(), [&](const Cut& c) { return c.below == cut.below; });
    if (!seen && valid_cut(data, cut.below)) {
      cuts.push_back(std::move(cut));
    }
  }
  return cuts;
}

std::vector<std::size_t> rows_above(const BlendData& data, const std::vector<std::size_t>& below) {
  const std::set<std::size_t> inside(below.begin(), below.end());
  std::vector<std::size_t> above;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (!inside.contains(row)) {
      above.push_back(row);
    }
  }
  return above;
}

BlendState state_of(const BlendFit& blend, const PrefixFit& prefix) {
  BlendState state;
  state.rows = prefix.features;
  state.row_weights = prefix.feature_weights;
  state.surfaces = prefix.surfaces;
  state.epochs_vary = !blend.data.unique.empty();
  state.noise = blend.noise;
  state.quantile = blend.quantile;
  state.least_ln_loss = prefix.least_ln_loss;
  state.top_compute = prefix.top_compute;
  return state;
}

/// err_m of each slot: the geometric mean over cuts of the mean |ln residual| above the cut, surface
/// included. Each cut has its own scale of error; with Laplace residuals the likelihood of a member is then a
/// power of this.
std::vector<double> rolling_errors(const BlendFit& blend, const std::vector<PrefixFit>& below) {
  std::vector<double> logs(blend.slots.size(), below.empty() ? nan : 0.0);
  for (const PrefixFit& prefix : below) {
    const auto predictions = member_predictions(blend.data, blend.participants, blend.slots, prefix);
    const std::vector<std::size_t> above = rows_above(blend.data, prefix.rows);
    for (std::size_t m = 0; m < logs.size(); ++m) {
      double sum = 0;
      for (const std::size_t row : above) {
        const double corrected =
            predictions[m][row] + prefix.surfaces[m].at(row_feature(blend.data, row)).correction;
        sum += std::abs(blend.data.ln_loss[row] - corrected);
      }
      logs[m] +=
          std::log(sum / static_cast<double>(above.size()) + error_floor) / static_cast<double>(below.size());
    }
  }
  std::vector<double> errors;
  errors.reserve(logs.size());
  std::transform(logs.begin(), logs.end(), std::back_inserter(errors),
                 [](double x) { return std::exp(x) - error_floor; });
  return errors;
}

std::vector<double> weights_from(const std::vector<double>& errors) {
  std::vector<double> weights;
  weights.reserve(errors.size());
  for (const double error : errors) {
    weights.push_back(std::isnan(error) ? 1.0 : std::pow(error + error_floor, -error_power));
  }
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) {
    weight /= total;
  }
  return weights;
}

/// |residual| / s of the blend, with its final weights and noise, at every row above every cut.
std::vector<double> scaled_residuals(BlendFit& blend, const std::vector<PrefixFit>& below) {
  std::vector<double> ratios;
  for (std::size_t c = 0; c < below.size(); ++c) {
    const BlendState state = state_of(blend, below[c]);
    const auto predictions = member_predictions(blend.data, blend.participants, blend.slots, below[c]);
    std::vector<double> blended(blend.data.rows());
    const std::vector<std::size_t> above = rows_above(blend.data, below[c].rows);
    for (const std::size_t row : above) {
      std::vector<double> members;
      members.reserve(predictions.size());
      for (const auto& prediction : predictions) {
        members.push_back(prediction[row]);
      }
      const BlendValue value =
          blend_value(state, blend.weights, members, row_feature(blend.data, row), blend.data.compute[row]);
      ratios.push_back(std::abs(blend.data.ln_loss[row] - value.ln_loss) / value.scale);
      blended[row] = value.ln_loss;
    }
    blend.cuts[c].blend_error = mean_error(blend.data, above, blended);
  }
  return ratios;
}

/// Q: the rolling quantile at level 0.9, drawn in log towards 2 when it rests on few rows, within
/// [1.645, 2.5].
double quantile_of(const std::vector<double>& ratios) {
  constexpr double usual = 2;
  constexpr double enough = 40;
  if (ratios.size() < 5) {
    return usual;
  }
  const auto n = static_cast<double>(ratios.size());
  const double raw = num::quantile(ratios, std::min(1.0, 0.9 * (1 + 1 / n)));
  const double m = std::min(n, enough);
  return std::clamp(std::exp((m * std::log(raw) + enough * std::log(usual)) / (m + enough)), 1.645, 2.5);
}

/// Slots that converged nowhere on some set of rows leave the blend.
void drop_failed(BlendFit& blend, std::vector<PrefixFit>& below) {
  const auto failed = [&](std::size_t m) {
    return blend.whole.members[m].theta.empty() ||
           std::any_of(below.begin(), below.end(),
                       [&](const PrefixFit& p) { return p.members[m].theta.empty(); });
  };
  for (std::size_t m = blend.slots.size(); m-- > 0;) {
    if (!failed(m)) {
      continue;
    }
    const auto at = static_cast<std::ptrdiff_t>(m);
    blend.slots.erase(blend.slots.begin() + at);
    below.push_back(std::move(blend.whole));
    for (PrefixFit& prefix : below) {
      prefix.members.erase(prefix.members.begin() + at);
      prefix.window_sizes.erase(prefix.window_sizes.begin() + at);
      prefix.weight_lost.erase(prefix.weight_lost.begin() + at);
      prefix.surfaces.erase(prefix.surfaces.begin() + at);
    }
    blend.whole = std::move(below.back());
    below.pop_back();
  }
}

/// What the unpenalised plain law, arms not faded, says of the rows above a cut.
double plain_error(const BlendFit& blend, const std::vector<std::size_t>& below) {
  const Participant& plain = blend.participants.front();
  Descender scratch(plain.model.program);
  const MemberFit fit = fit_plain(plain, below, scratch);
  if (fit.theta.empty()) {
    return nan;
  }
  return mean_error(blend.data, rows_above(blend.data, below),
                    ln_predictions(plain, blend.data, fit, scratch));
}

}  // namespace

Result<BlendFit> run_blend(const std::vector<laws::Law>& laws, const runs::Table& table,
                           const Options& options, const Control& control) {
  auto participants = participants_of(laws, table, options);
  if (!participants) {
    return participants.errors();
  }
  BlendFit blend;
  blend.participants = std::move(*participants);
  blend.data = data_of(blend.participants, table);
  blend.slots = slots_of(blend.data, blend.participants);
  const std::vector<Cut> cuts = cuts_of(blend.data);
  std::vector<std::vector<std::size_t>> row_sets{all_rows(blend.data)};
  for (const Cut& cut : cuts) {
    row_sets.push_back(cut.below);
  }
  std::vector<PrefixFit> fits = fit_prefixes(blend.data, blend.participants, blend.slots, row_sets, control);
  blend.whole = std::move(fits.front());
  fits.erase(fits.begin());
  drop_failed(blend, fits);
  blend.rolling_error = rolling_errors(blend, fits);
  blend.weights = weights_from(blend.rolling_error);
  for (std::size_t m = 0; m < blend.slots.size(); ++m) {
    blend.noise += blend.weights[m] * blend.whole.surfaces[m].noise();
  }
  for (std::size_t c = 0; c < cuts.size(); ++c) {
    RollingCut record;
    record.decades = cuts[c].decades;
    record.below = cuts[c].below.size();
    record.above = blend.data.rows() - record.below;
    record.plain_error = plain_error(blend, cuts[c].below);
    record.size_at_top = prefix_size(blend, fits[c], blend.whole.top_compute);
    blend.cuts.push_back(record);
  }
  const std::vector<double> ratios = scaled_residuals(blend, fits);
  blend.quantile = quantile_of(ratios);
  blend.held_out = ratios.size();
  return blend;
}

}  // namespace scaleplan::fit
