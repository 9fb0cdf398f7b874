#include "plan/relaxation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/num/minimise.hpp"

namespace scaleplan::plan {

namespace {

constexpr double widest_cell = 0.25;  // of ln size
constexpr int least_cells = 48;
constexpr double near_factor = 10;
constexpr double difference_step = 1e-5;  // of logarithms

bool better(const AtSize& a, const AtSize& b) {
  if (a.feasible != b.feasible) return a.feasible;
  return a.feasible ? a.value < b.value : a.violation < b.violation;
}

// One number to minimise: the objective where limits are kept, far above it and falling towards them
// elsewhere.
double merit(const AtSize& at, double far) {
  return at.feasible ? at.value : far * (1 + at.violation);
}

Relaxed from_allocation(const Problem& problem, const View& view) {
  const laws::Allocation found = problem.model().allocate(view.draw, problem.rows().front().limit);
  Relaxed relaxed;
  relaxed.method = found.method == laws::Method::closed ? "closed form" : "root on the budget line";
  relaxed.reason = found.reason;
  relaxed.at = {found.found, found.size, {}, found.tokens, found.loss, 0, 0};
  relaxed.outcome = found.found ? Relaxed::Outcome::found : Relaxed::Outcome::unbounded;
  if (found.found) relaxed.per_log_limit[problem.rows().front().name] = found.per_log_compute;
  return relaxed;
}

// Spacing of ln sizes that makes at least 48 cells: the widest, halved as often as it takes.
double cell_of(double range) {
  double cell = widest_cell;
  while (range / cell < least_cells && cell > std::numeric_limits<double>::epsilon()) cell /= 2;
  return cell;
}

// ln sizes from low to high. Inner points are shared by all ranges, wherever they end: what is known of a
// size serves all machines.
std::vector<double> scanned(double low, double high, double cell) {
  std::vector<double> out{low};
  const double origin = std::log(Problem::smallest_size);
  for (double k = std::floor((low - origin) / cell) + 1; origin + cell * k < high; ++k) {
    out.push_back(origin + cell * k);
  }
  out.push_back(high);
  return out;
}

// The best of a scan from ln size `low` to `high`, refined in its cell.
AtSize scan(const Problem& problem, const View& view, double low, double high, double cell) {
  AtSize best;
  double far = 1;
  for (const double x : scanned(low, high, cell)) {
    const AtSize at = problem.on_curve(view, std::exp(x));
    if (at.feasible) far = std::max(far, 10 * std::abs(at.value));
    if (best.size == 0 || better(at, best)) best = at;
  }
  auto refine = [&](double width) {
    const double x = std::log(best.size);
    auto f = [&](double t) { return merit(problem.on_curve(view, std::exp(t)), far); };
    const double t = num::minimise_scalar(f, std::max(low, x - width), std::min(high, x + width), 16);
    const AtSize at = problem.on_curve(view, std::exp(t));
    if (better(at, best)) best = at;
  };
  if (!best.feasible) refine(cell);  // limits may be kept on less than a cell
  if (best.feasible) far = std::max(far, 10 * std::abs(best.value));
  refine(cell);
  return best;
}

AtSize scan(const Problem& problem, const View& view, double near) {
  const double low = std::log(problem.size_low());
  const double high = std::log(problem.size_high());
  if (!(high > low)) return problem.on_curve(view, problem.size_low());
  const double cell = cell_of(high - low);
  if (near > 0) {
    const double from = std::max(low, std::log(near / near_factor));
    const double to = std::min(high, std::log(near * near_factor));
    if (to - from > 2 * cell) {
      const AtSize found = scan(problem, view, from, to, cell);
      const double x = std::log(found.size);
      const bool inside = (from == low || x > from + cell) && (to == high || x < to - cell);
      if (found.feasible && inside) return found;
    }
  }
  return scan(problem, view, low, high, cell);
}

bool at_search_edge(const Problem& problem, double size) {
  const double near = 1e-4;
  return (problem.size_low() == Problem::smallest_size && size < Problem::smallest_size * (1 + near)) ||
         (problem.size_high() == Problem::largest_size && size > Problem::largest_size * (1 - near));
}

// The problem in shifted logarithms for NLopt. Rows are relative, the objective is the loss itself or a
// logarithm.
struct Polish {
  const Problem& problem;
  View view;
  double log_size;
  double log_tokens;

  // ln(scale·base) − ln(limit) and its gradient, or the relative excess of the loss over its target
  double row(const Row& row, double limit, std::span<const double> x, std::span<double> g) const {
    const double size = std::exp(log_size + x[0]);
    const double tokens = std::exp(log_tokens + x[1]);
    if (row.base == Base::loss) {
      const double value = problem.target_loss(view, size, tokens, g);
      to_logs(g, size, tokens, 1 / std::abs(limit));
      return (value - limit) / std::abs(limit);
    }
    const bool priced = row.base == Base::exact_flop || row.base == Base::wall_seconds;
    auto at = [&](double n, double d) {
      return problem.value(view, row, n, problem.cost_of(priced ? problem.curve(n).flop_per_token : 0), d);
    };
    const double value = at(size, tokens);
    if (!g.empty() && problem.is_proportional(row)) {
      const double share = (value - row.fixed) / value;
      if (row.base == Base::law_flop) {
        const double flop = problem.model().compute(size, tokens, g);
        to_logs(g, size, tokens, share / flop);
      } else {
        g[0] = priced ? share * problem.curve(size).dlog_flop_dlog_size : 0;
        g[1] = share;
      }
    } else if (!g.empty()) {
      const double up = 1 + difference_step;
      const double down = 1 - difference_step;
      g[0] = std::log(at(size * up, tokens) / at(size * down, tokens)) / (2 * difference_step);
      g[1] = std::log(at(size, tokens * up) / at(size, tokens * down)) / (2 * difference_step);
    }
    return std::log(value / limit);
  }

  double objective(std::span<const double> x, std::span<double> g) const {
    if (!problem.minimises_loss()) return row(problem.objective(), 1, x, g);
    const double size = std::exp(log_size + x[0]);
    const double tokens = std::exp(log_tokens + x[1]);
    const double value = problem.objective_loss(view, size, tokens, g);
    to_logs(g, size, tokens, 1);
    return value;
  }

  static void to_logs(std::span<double> g, double size, double tokens, double factor) {
    if (g.empty()) return;
    g[0] *= size * factor;
    g[1] *= tokens * factor;
  }

  num::Problem statement() const {
    num::Problem statement;
    statement.objective = [this](std::span<const double> x, std::span<double> g) { return objective(x, g); };
    for (const Row& limit : problem.rows()) {
      statement.constraints.push_back([this, &limit](std::span<const double> x, std::span<double> g) {
        return row(limit, limit.limit, x, g);
      });
    }
    const auto& pin = problem.scenario().pinned_tokens;
    statement.lower = {std::log(problem.size_low()) - log_size,
                       std::log(pin ? pin->value : std::max(1.0, problem.done())) - log_tokens};
    statement.upper = {std::log(problem.size_high()) - log_size,
                       std::log(pin ? pin->value : Problem::most_tokens) - log_tokens};
    statement.start = {0, 0};
    // quantiles over draws have kinks, where no algorithm meets the smooth conditions
    statement.max_evaluations = view.confidence ? 200 : 2000;
    return statement;
  }
};

void add_prices(const Problem& problem, const num::Minimum& minimum, Relaxed& relaxed) {
  const double scale = problem.minimises_loss() ? 1 : relaxed.at.value;  // of a logarithmic objective
  for (std::size_t i = 0; i < problem.rows().size(); ++i) {
    const Row& row = problem.rows()[i];
    const double sign = row.base == Base::loss && row.limit < 0 ? -1 : 1;
    relaxed.per_log_limit[row.name] = -sign * scale * minimum.multipliers[i];
  }
  const Scenario& scenario = problem.scenario();
  if (scenario.pinned_params) return;
  const double price = -scale * minimum.bound_multipliers[0];
  const model::SmoothPoint point = problem.curve(relaxed.at.size);
  const double nudge = 1e-4;
  const model::SmoothPoint next = problem.curve(relaxed.at.size * (1 + nudge));
  const double size_by_params = std::log1p(nudge) / std::log(next.total / point.total);
  if (scenario.model.params_min) relaxed.per_log_limit["params.min"] = std::max(0.0, price) * size_by_params;
  if (scenario.model.params_max) relaxed.per_log_limit["params.max"] = std::min(0.0, price) * size_by_params;
}

// NLopt's point where it keeps the limits and is no worse.
void polish_point(const Polish& polish, const num::Problem& statement, num::Minimum& minimum,
                  Relaxed& relaxed) {
  minimum = num::minimise(statement);
  const bool kept = minimum.status == num::Status::optimal || minimum.status == num::Status::feasible;
  const AtSize polished = polish.problem.on_curve(polish.view, std::exp(polish.log_size + minimum.x[0]));
  if (!kept || !polished.feasible || polished.value > relaxed.at.value + 1e-12 * std::abs(relaxed.at.value))
    return;
  relaxed.at = polished;
  if (minimum.algorithm != "start") relaxed.method = minimum.algorithm;
}

}  // namespace

Relaxed search_relaxation(const Problem& problem, const View& view, double near) {
  if (problem.only_law_flop(view)) return from_allocation(problem, view);
  Relaxed relaxed;
  relaxed.method = "scan and bracket";
  relaxed.at = scan(problem, view, near);
  if (!relaxed.at.feasible) return relaxed;
  relaxed.outcome = Relaxed::Outcome::found;
  if (at_search_edge(problem, relaxed.at.size)) {
    relaxed.outcome = Relaxed::Outcome::unbounded;
    relaxed.reason = fmt::format("the objective is best at the edge of the sizes searched, {} parameters",
                                 format_quantity(relaxed.at.size, Dimension::params));
  }
  return relaxed;
}

Relaxed solve_relaxation(const Problem& problem, const View& view) {
  Relaxed relaxed = search_relaxation(problem, view);
  if (relaxed.outcome != Relaxed::Outcome::found) return relaxed;
  const Polish polish{problem, view, std::log(relaxed.at.size), std::log(relaxed.at.tokens)};
  const num::Problem statement = polish.statement();
  num::Minimum minimum;
  if (!problem.only_law_flop(view)) polish_point(polish, statement, minimum, relaxed);
  // the prices belong to the point that is reported, with the tokens that its limits allow
  minimum.x = {std::log(relaxed.at.size) - polish.log_size, std::log(relaxed.at.tokens) - polish.log_tokens};
  num::kkt(statement, minimum);
  relaxed.kkt_residual = minimum.kkt_residual;
  relaxed.converged = minimum.kkt_residual < 1e-5 || view.confidence.has_value();
  if (!problem.only_law_flop(view)) add_prices(problem, minimum, relaxed);
  return relaxed;
}

std::pair<double, double> flat_sizes(const Problem& problem, const View& view, const AtSize& best,
                                     double within) {
  const double most = best.value + within * std::abs(best.value);
  auto inside = [&](double x) {
    const AtSize at = problem.on_curve(view, std::exp(x));
    return at.feasible && at.value <= most;
  };
  auto edge = [&](double end) {
    double kept = std::log(best.size);
    const double direction = end < kept ? -1 : 1;
    double step = 0.05;
    double lost = kept;
    while (kept != end) {
      lost = direction < 0 ? std::max(end, kept - step) : std::min(end, kept + step);
      if (!inside(lost)) break;
      kept = lost;
      step *= 2;
    }
    for (int i = 0; i < 40 && kept != lost; ++i) {
      const double middle = (kept + lost) / 2;
      (inside(middle) ? kept : lost) = middle;
    }
    return std::exp(kept);
  };
  return {edge(std::log(problem.size_low())), edge(std::log(problem.size_high()))};
}

}  // namespace scaleplan::plan
