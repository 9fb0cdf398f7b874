#include "fit/blend/prefix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "scaleplan/num/parallel.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t surface_rows = 500;

/// A slot's rows within one set, and their weights.
struct Window {
  std::vector<std::size_t> rows;
  std::vector<double> weights;
};

Window window_of(const BlendData& data, const std::vector<std::size_t>& rows,
                 const std::vector<double>& weights, double decades) {
  Window window{window_rows(data, rows, decades), {}};
  if (window.rows.size() < window_minimum) {
    window.rows = rows;
  }
  std::map<std::size_t, double> weight_of;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    weight_of[rows[k]] = weights[k];
  }
  for (const std::size_t row : window.rows) {
    window.weights.push_back(weight_of.at(row));
  }
  return window;
}

/// The rows that carry the surface: the last by compute.
std::vector<std::size_t> surface_subset(const BlendData& data, const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> order = rows;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return data.compute[a] < data.compute[b]; });
  if (order.size() > surface_rows) {
    order.erase(order.begin(), order.end() - surface_rows);
  }
  return order;
}

/// One set of rows while it is being fitted.
struct Work {
  PrefixFit fit;
  std::vector<double> weights;
  std::vector<Window> windows;          ///< by slot
  std::map<std::size_t, double> noise;  ///< by window size, which tells windows of one set apart
  std::vector<std::size_t> surface;
  std::vector<SurfaceKernel> kernels;
};

Work prepare(const BlendData& data, const std::vector<Slot>& slots, const std::vector<std::size_t>& rows) {
  Work work;
  work.fit.rows = rows;
  work.weights = row_weights(data, rows);
  work.fit.least_ln_loss = std::numeric_limits<double>::infinity();
  for (const std::size_t row : rows) {
    work.fit.top_compute = std::max(work.fit.top_compute, data.compute[row]);
    work.fit.least_ln_loss = std::min(work.fit.least_ln_loss, data.ln_loss[row]);
  }
  for (const Slot& slot : slots) {
    work.windows.push_back(window_of(data, rows, work.weights, slot.decades));
    const Window& window = work.windows.back();
    work.noise[window.rows.size()] = 0;
    work.fit.window_sizes.push_back(window.rows.size());
    const double kept = std::accumulate(window.weights.begin(), window.weights.end(), 0.0);
    double given = 0;
    for (const std::size_t row : window.rows) {
      given += data.weight[row];
    }
    work.fit.weight_lost.push_back(1 - kept / given);
  }
  work.surface = surface_subset(data, rows);
  std::map<std::size_t, double> weight_of;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    weight_of[rows[k]] = work.weights[k];
  }
  auto features = std::make_shared<std::vector<Feature>>();
  for (const std::size_t row : work.surface) {
    features->push_back(row_feature(data, row));
    work.fit.feature_weights.push_back(weight_of.at(row));
  }
  work.fit.features = features;
  work.fit.members.resize(slots.size());
  return work;
}

/// A window whose noise is wanted: any slot with that window.
struct NoiseTask {
  std::size_t set;
  std::size_t slot;
};

void measure_noise(std::vector<Work>& works, const std::vector<Participant>& participants,
                   const Control& control) {
  std::vector<NoiseTask> tasks;
  for (std::size_t s = 0; s < works.size(); ++s) {
    std::map<std::size_t, std::size_t> slot_of;
    for (std::size_t k = 0; k < works[s].windows.size(); ++k) {
      slot_of.try_emplace(works[s].windows[k].rows.size(), k);
    }
    for (const auto& [size, slot] : slot_of) {
      tasks.push_back({s, slot});
    }
  }
  std::vector<double> noise(tasks.size());
  num::parallel_for(tasks.size(), control, [&](std::size_t t, std::size_t /*worker*/) {
    Descender scratch(participants.front().model.program);
    const Window& window = works[tasks[t].set].windows[tasks[t].slot];
    noise[t] = noise_scale(participants.front(), window.rows, window.weights, scratch);
  });
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    Work& work = works[tasks[t].set];
    work.noise[work.windows[tasks[t].slot].rows.size()] = noise[t];
  }
}

}  // namespace

Feature row_feature(const BlendData& data, std::size_t row) {
  const bool vary = !data.unique.empty();
  const double epochs = vary ? data.tokens[row] / data.unique[row] : 1;
  return feature(data.compute[row], data.size[row], data.tokens[row], epochs, vary);
}

std::vector<std::vector<double>> member_predictions(const BlendData& data,
                                                    const std::vector<Participant>& participants,
                                                    const std::vector<Slot>& slots, const PrefixFit& prefix) {
  std::vector<std::vector<double>> all;
  for (std::size_t m = 0; m < slots.size(); ++m) {
    const Participant& participant = participants[slots[m].participant];
    if (prefix.members[m].theta.empty()) {
      all.emplace_back(data.rows(), std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    Descender scratch(participant.model.program);
    all.push_back(ln_predictions(participant, data, prefix.members[m], scratch));
  }
  return all;
}

std::vector<PrefixFit> fit_prefixes(const BlendData& data, const std::vector<Participant>& participants,
                                    const std::vector<Slot>& slots,
                                    const std::vector<std::vector<std::size_t>>& row_sets,
                                    const Control& control) {
  std::vector<Work> works(row_sets.size());
  num::parallel_for(works.size(), control, [&](std::size_t s, std::size_t /*worker*/) {
    works[s] = prepare(data, slots, row_sets[s]);
  });
  measure_noise(works, participants, control);
  num::parallel_for(works.size() * slots.size(), control, [&](std::size_t t, std::size_t /*worker*/) {
    Work& work = works[t / slots.size()];
    const std::size_t slot = t % slots.size();
    const Participant& participant = participants[slots[slot].participant];
    Descender scratch(participant.model.program);
    const Window& window = work.windows[slot];
    work.fit.members[slot] =
        fit_member(participant, window.rows, window.weights, work.noise.at(window.rows.size()), scratch);
  });
  num::parallel_for(works.size(), control, [&](std::size_t s, std::size_t /*worker*/) {
    Work& work = works[s];
    work.kernels = surface_kernels(*work.fit.features, work.fit.feature_weights);
    const auto predictions = member_predictions(data, participants, slots, work.fit);
    for (const std::vector<double>& ln_loss : predictions) {
      std::vector<double> residuals;
      for (const std::size_t row : work.surface) {
        const double residual = data.ln_loss[row] - ln_loss[row];
        residuals.push_back(std::isfinite(residual) ? residual : 0);
      }
      work.fit.surfaces.emplace_back(work.fit.features, work.kernels, std::move(residuals));
    }
  });
  std::vector<PrefixFit> fits;
  fits.reserve(works.size());
  for (Work& work : works) {
    fits.push_back(std::move(work.fit));
  }
  return fits;
}

}  // namespace scaleplan::fit
