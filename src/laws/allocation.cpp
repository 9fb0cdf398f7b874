#include "scaleplan/laws/allocation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "laws/line.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/num/kernels.hpp"
#include "scaleplan/num/minimise.hpp"

namespace scaleplan::laws {
namespace {

constexpr double stationary = 1e-6;  ///< a slope below this share of its terms is a stationary point

/// Minimum of one budget line for one vector of parameters.
struct Search {
  const BudgetLine& line;
  Scratch& scratch;
  std::span<const double> parameters;
  double compute;
  double sign;  ///< −1 where a higher output is better

  [[nodiscard]] LinePoint at(double log_size) const {
    const double size = std::exp(log_size);
    return line.at(scratch, parameters, size, line.tokens_for(scratch, size, compute));
  }
  [[nodiscard]] double value(const LinePoint& point) const {
    const double signed_loss = sign * point.loss;
    return std::isnan(signed_loss) ? std::numeric_limits<double>::infinity() : signed_loss;
  }
  /// The stationary point between two sizes around a local minimum; the least value seen at a kink.
  [[nodiscard]] LinePoint refine(double low, double high) const {
    const double x = num::find_root([this](double t) { return sign * at(t).slope; }, low, high);
    if (!std::isnan(x) && sign * at(low).slope < 0) {
      return at(x);
    }
    return at(num::minimise_scalar([this](double t) { return value(at(t)); }, low, high, 32));
  }
};

struct Best {
  LinePoint point;
  bool interior = false;
  std::string reason;
};

std::vector<double> grid_values(const Search& search, const Grid& grid) {
  std::vector<double> values;
  values.reserve(grid.log_size.size());
  search.scratch.loss.set_parameters(search.parameters);
  for (std::size_t b = 0; b < grid.bound->blocks(); ++b) {
    const double* block = search.scratch.loss.block(*grid.bound, b).value;
    for (std::size_t k = 0; k < num::block_rows && values.size() < grid.log_size.size(); ++k) {
      LinePoint point;
      point.loss = block[k];
      values.push_back(search.value(point));
    }
  }
  return values;
}

Best best_on(const Search& search) {
  const std::shared_ptr<const Grid> grid = search.line.grid(search.scratch, search.compute);
  Best best;
  if (grid->log_size.empty()) {
    best.reason =
        fmt::format("{} FLOP do not pay for one token at the smallest size searched ({})",
                    format_number(search.compute), format_quantity(smallest_size, Dimension::params));
    return best;
  }
  const std::vector<double> values = grid_values(search, *grid);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i + 1 < values.size(); ++i) {
    if (std::isfinite(values[i]) && values[i] <= values[i - 1] && values[i] <= values[i + 1]) {
      const LinePoint point = search.refine(grid->log_size[i - 1], grid->log_size[i + 1]);
      if (search.value(point) < least) {
        least = search.value(point);
        best.point = point;
        best.interior = true;
      }
    }
  }
  const bool small = values.front() < least && values.front() <= values.back();
  const bool large = values.back() < least && !small;
  if (small || large) {
    best.interior = false;
    best.point = search.at(small ? grid->log_size.front() : grid->log_size.back());
    best.reason =
        fmt::format("the output is best at the {} size searched, {} parameters with {} tokens",
                    small ? "smallest" : "largest", format_quantity(best.point.size, Dimension::params),
                    format_quantity(best.point.tokens, Dimension::tokens));
  } else if (!best.interior) {
    best.reason = "the law has no finite minimum on the budget line";
  }
  return best;
}

/// dL*/dlnC: the partial derivative at fixed N where the optimum is stationary (envelope theorem), a
/// difference of optima where it sits on a kink.
double price(Search search, const LinePoint& optimum) {
  if (std::abs(optimum.slope) <= stationary * optimum.scale) {
    return optimum.by_compute;
  }
  constexpr double step = 1e-4;
  const double compute = search.compute;
  search.compute = compute * std::exp(step);
  const double above = best_on(search).point.loss;
  search.compute = compute * std::exp(-step);
  return (above - best_on(search).point.loss) / (2 * step);
}

Allocation described(const LinePoint& point, Method method) {
  Allocation result;
  result.size = point.size;
  result.tokens = point.tokens;
  result.loss = point.loss;
  result.method = method;
  return result;
}

/// Whether a closed form's point spends the budget and is a minimum: coefficients of a bootstrap draw may lie
/// where it is neither.
bool holds(const Search& search, const LinePoint& point) {
  const double spent = search.line.compute(search.scratch, point.size, point.tokens, {});
  const bool in_range = point.size > smallest_size && point.size < largest_size && point.tokens > 1;
  if (!in_range || !(std::abs(spent / search.compute - 1) <= stationary) ||
      !(std::abs(point.slope) <= stationary * point.scale)) {
    return false;
  }
  return search.sign * search.at(std::log(point.size) + 0.05).slope > 0;
}

}  // namespace

struct Allocator::State {
  BudgetLine line;
  [[nodiscard]] Search search(Scratch& scratch, std::span<const double> parameters, double compute) const {
    return {line, scratch, parameters, compute, line.lower_is_better() ? 1.0 : -1.0};
  }
  State(const Law& law, const std::map<std::string, double>& fixed) : line(law, fixed) {}
};

Allocator::Allocator(const Law& law, const std::map<std::string, double>& fixed)
    : state_(std::make_shared<const State>(law, fixed)) {}

Allocation Allocator::solve(std::span<const double> parameters, double compute) const {
  if (state_->line.has_closed_form()) {
    const BudgetLine::Lease lease = state_->line.lease();
    const auto [size, tokens] = state_->line.closed_form(*lease, parameters, compute);
    const LinePoint point = state_->line.at(*lease, parameters, size, tokens);
    if (holds(state_->search(*lease, parameters, compute), point)) {
      Allocation result = described(point, Method::closed);
      result.found = true;
      result.per_log_compute = point.by_compute;
      return result;
    }
  }
  return solve_numeric(parameters, compute);
}

Allocation Allocator::solve_numeric(std::span<const double> parameters, double compute) const {
  const BudgetLine::Lease lease = state_->line.lease();
  const Search search = state_->search(*lease, parameters, compute);
  const Best best = best_on(search);
  Allocation result = described(best.point, Method::numeric);
  result.found = best.interior;
  result.reason = best.reason;
  if (best.interior) {
    result.per_log_compute = price(search, best.point);
  }
  return result;
}

FlatRegion Allocator::flat_region(std::span<const double> parameters, double compute, double relative) const {
  const Allocation optimum = solve(parameters, compute);
  if (!optimum.found) {
    return {optimum.size, optimum.size};
  }
  const BudgetLine::Lease lease = state_->line.lease();
  const Search search = state_->search(*lease, parameters, compute);
  const double limit = search.sign * optimum.loss + relative * std::abs(optimum.loss);
  const std::shared_ptr<const Grid> grid = state_->line.grid(*lease, compute);
  const auto excess = [&](double log_size) { return search.value(search.at(log_size)) - limit; };
  const auto crossing = [&](double end) {
    const double from = std::log(optimum.size);
    double inner = from;
    for (double step = 0.1;; step *= 2) {
      const double outer = end < from ? std::max(end, from - step) : std::min(end, from + step);
      if (excess(outer) > 0) {
        return std::exp(num::find_root(excess, inner, outer));
      }
      if (outer == end) {
        return std::exp(end);
      }
      inner = outer;
    }
  };
  return {crossing(grid->log_size.front()), crossing(grid->log_size.back())};
}

double Allocator::loss(std::span<const double> parameters, double size, double tokens,
                       std::span<double> gradient) const {
  const BudgetLine::Lease lease = state_->line.lease();
  return state_->line.loss(*lease, parameters, size, tokens, gradient);
}

void Allocator::losses(std::span<const double> parameters, std::span<const double> sizes,
                       std::span<const double> tokens, std::span<double> losses) const {
  const BudgetLine::Lease lease = state_->line.lease();
  state_->line.losses(*lease, parameters, sizes, tokens, losses);
}

double Allocator::compute(double size, double tokens) const {
  const BudgetLine::Lease lease = state_->line.lease();
  return state_->line.compute(*lease, size, tokens, {});
}

double Allocator::tokens_for(double size, double compute) const {
  const BudgetLine::Lease lease = state_->line.lease();
  return state_->line.tokens_for(*lease, size, compute);
}

}  // namespace scaleplan::laws
