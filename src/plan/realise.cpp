#include "plan/realise.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/parallel.hpp"

namespace scaleplan::plan {

namespace {

constexpr double pin_tolerance = 0.005;  ///< of a pinned size, relative: shapes come in steps

struct Window {
  double low = 0;  ///< of the size as the law counts it
  double high = 0;
};

bool in_range(const Scenario& scenario, const model::Parameters& params) {
  const auto total = static_cast<double>(params.total);
  return (!scenario.model.params_min || total >= scenario.model.params_min->value) &&
         (!scenario.model.params_max || total <= scenario.model.params_max->value);
}

std::vector<Found> shapes_in(const Problem& problem, const Window& window) {
  std::vector<Found> found;
  model::enumerate(problem.scenario().model.family, problem.model().count(), window.low, window.high,
                   [&](const model::Shape& shape, const model::Parameters& params) {
                     if (in_range(problem.scenario(), params)) found.push_back({shape, params});
                   });
  return found;
}

// Shapes within half a percent of a pinned total, or the nearest one when there are none.
std::vector<Found> shapes_at_pin(const Problem& problem) {
  const double pin = problem.scenario().pinned_params->value;
  const model::Family& family = problem.scenario().model.family;
  auto miss = [pin](const Found& f) { return std::abs(std::log(static_cast<double>(f.params.total) / pin)); };
  for (double width = pin_tolerance; width < 60; width *= 4) {
    std::vector<Found> found;
    model::enumerate(family, model::Count::total, pin * std::exp(-width), pin * std::exp(width),
                     [&](const model::Shape& shape, const model::Parameters& params) {
                       found.push_back({shape, params});
                     });
    if (found.empty()) continue;
    if (width == pin_tolerance) return found;
    return {*std::min_element(found.begin(), found.end(),
                              [&](const Found& a, const Found& b) { return miss(a) < miss(b); })};
  }
  return {};
}

std::vector<Candidate> evaluate(const Problem& problem, const View& view, const std::vector<Found>& found,
                                const Control& control) {
  std::vector<Candidate> all(found.size());
  auto work = [&](std::size_t i, std::size_t) {
    Candidate& candidate = all[i];
    candidate.shape = found[i].shape;
    candidate.params = found[i].params;
    const auto size = static_cast<double>(model::counted(candidate.params, problem.model().count()));
    const auto flop = model::flop_per_token(candidate.shape, problem.scenario().data.sequence_length);
    candidate.at = problem.at(view, size, problem.cost_of(flop.training.raw()));
    candidate.bound = candidate.at.value;
    if (candidate.at.feasible) make_whole(problem, view, candidate);
  };
  if (view.confidence) {
    num::parallel_for(all.size(), control, work);
  } else {
    for (std::size_t i = 0; i < all.size(); ++i) work(i, 0);  // threads cost more than this work
  }
  std::erase_if(all, [](const Candidate& candidate) { return !candidate.at.feasible; });
  return all;
}

// The least value that any size outside the window can have. Law FLOP depend on the size alone; exact FLOP
// are taken at the family's lower bound.
double outside_bound(const Problem& problem, const View& view, const Window& window) {
  const Scenario& scenario = problem.scenario();
  auto value = [&](double size) {
    const double flop = problem.uses_token_cost() ? model::least_flop_per_token(scenario.model.family,
                                                                                problem.model().count(), size)
                                                  : 0;
    const AtSize at = problem.at(view, size, problem.cost_of(flop));
    return at.feasible ? at.value : HUGE_VAL;
  };
  const model::Parameters smallest = model::count_parameters(model::smallest_shape(scenario.model.family));
  const double least =
      std::max(problem.size_low(),
               static_cast<double>(model::counted(smallest, problem.model().count())) * (1 - 1e-12));
  constexpr int steps = 24;
  double bound = HUGE_VAL;
  for (auto [from, to] : {std::pair(window.low, least), std::pair(window.high, problem.size_high())}) {
    if (from == window.low ? to >= from : to <= from) continue;
    for (int i = 0; i <= steps; ++i) {
      // denser near the window, where the least value of a bowl lies
      const double share = std::pow(static_cast<double>(i) / steps, 2);
      bound = std::min(bound, value(from * std::pow(to / from, share)));
    }
  }
  return bound;
}

double tolerance_of(const Problem& problem, const Relaxed& relaxed) {
  const double relative = problem.scenario().search.shape_tolerance;
  if (problem.minimises_loss()) return relative * std::abs(relaxed.at.value);
  // the tolerance is one of the loss: what that much loss is worth in the objective
  auto price = relaxed.per_log_limit.find("loss");
  return price == relaxed.per_log_limit.end() ? 0 : relative * std::abs(price->second);
}

}  // namespace

void rank(std::vector<Candidate>& all) {
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    if (a.value != b.value) return a.value < b.value;
    return a.shape.hidden != b.shape.hidden ? a.shape.hidden < b.shape.hidden
                                            : a.shape.layers < b.shape.layers;
  });
}

std::optional<Candidate> choose(const Problem& problem, const std::vector<Candidate>& ranked,
                                double tolerance) {
  if (ranked.empty()) return std::nullopt;
  const double most = ranked.front().value + tolerance;
  const double reference = problem.scenario().model.family.aspect_reference;
  auto far = [&](const Candidate& c) {
    if (c.run) return c.at.cost.seconds * static_cast<double>(c.tokens);
    return std::abs(std::log(c.shape.aspect() / reference));
  };
  const Candidate* best = nullptr;
  for (const Candidate& candidate : ranked) {
    if (candidate.value > most) break;
    if (best == nullptr || far(candidate) < far(*best) * (1 - 1e-12) - 1e-12) best = &candidate;
  }
  return *best;
}

void make_whole(const Problem& problem, const View& view, Candidate& candidate) {
  const double tokens = candidate.at.tokens;
  const bool up = !problem.minimises_loss() && !problem.scenario().pinned_tokens;
  const double whole = up ? std::ceil(tokens * (1 - 1e-15)) : std::floor(tokens * (1 + 1e-15));
  candidate.tokens = static_cast<std::int64_t>(std::max(1.0, whole));
  candidate.value = problem.objective_value(view, candidate.at.size, candidate.at.cost,
                                            static_cast<double>(candidate.tokens));
}

Realised realise(const Problem& problem, const View& view, const Relaxed& relaxed, const Control& control,
                 const Pricing* pricing) {
  Realised realised;
  auto price = [&](const std::vector<Found>& found) {
    std::vector<Candidate> all = pricing ? pricing->evaluate(found) : evaluate(problem, view, found, control);
    rank(all);
    return all;
  };
  const Problem& bounding = pricing ? *pricing->bounding : problem;
  realised.tolerance = tolerance_of(problem, relaxed);
  if (problem.scenario().pinned_params) {
    const std::vector<Found> found = shapes_at_pin(problem);
    realised.evaluated = found.size();
    realised.candidates = price(found);
    if (realised.candidates.empty()) return realised;
    realised.bound = realised.candidates.front().bound;
    for (const Candidate& c : realised.candidates) realised.bound = std::min(realised.bound, c.bound);
    realised.chosen = choose(problem, realised.candidates, realised.tolerance);
    return realised;
  }
  // quantiles over draws cost as many laws: begin narrow
  for (double factor = view.confidence ? 1.35 : 2.5;; factor *= factor) {
    const Window window{std::max(problem.size_low() * 0.9, relaxed.at.size / factor),
                        std::min(problem.size_high() * 1.1, relaxed.at.size * factor)};
    const std::vector<Found> found = shapes_in(problem, window);
    realised.evaluated = found.size();
    realised.candidates = price(found);
    double inside = HUGE_VAL;
    double best = HUGE_VAL;
    for (const Candidate& c : realised.candidates) {
      inside = std::min(inside, c.bound);
      best = std::min(best, c.at.value);
    }
    const double outside = outside_bound(bounding, view, window);
    const bool whole = window.low <= problem.size_low() && window.high >= problem.size_high();
    realised.bound = std::min(inside, outside);
    if (outside >= best || whole || factor > 1e6) break;
  }
  realised.chosen = choose(problem, realised.candidates, realised.tolerance);
  return realised;
}

}  // namespace scaleplan::plan
