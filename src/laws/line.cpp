#include "laws/line.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "laws/reading.hpp"
#include "scaleplan/num/kernels.hpp"
#include "scaleplan/num/minimise.hpp"

namespace scaleplan::laws {
namespace {

constexpr std::size_t grid_points = 128;
constexpr std::size_t most_grids = 64;

/// Names and values of every input but size and tokens.
std::map<std::string, double> fixed_inputs(const Law& law, const std::map<std::string, double>& given) {
  std::map<std::string, double> result;
  for (const Input& input : law.inputs) {
    if (input.name == law.size()->name || input.name == law.tokens()->name || input.vector) {
      continue;
    }
    const auto found = given.find(input.name);
    assert(found != given.end() || input.fallback);
    result[input.name] = found != given.end() ? found->second : input.fallback.value_or(std::nan(""));
  }
  return result;
}

}  // namespace

expr::Expression with_inputs(const Law& law, const std::map<std::string, double>& given,
                             const expr::Expression& expression) {
  const std::map<std::string, double> values = fixed_inputs(law, given);
  return expression.substitute([&](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? expr::Expression{} : expr::Expression::constant(found->second);
  });
}

BudgetLine::BudgetLine(const Law& law, const std::map<std::string, double>& fixed)
    : scratches_([this] {
        return Scratch{expr::Workspace(loss_), expr::Workspace(cost_), expr::Workspace(size_),
                       expr::Workspace(tokens_)};
      }),
      lower_is_better_(law.output.lower_is_better) {
  assert(law.size() != nullptr && law.tokens() != nullptr);
  const std::string& size = law.size()->name;
  const std::string& tokens = law.tokens()->name;
  const std::vector<std::string> pair = {size, tokens};
  const std::vector<std::string> parameters = law.parameter_names();
  const expr::Expression cost = with_inputs(law, fixed, law.compute);
  loss_ = expr::Program::compile(with_inputs(law, fixed, law.form), {pair, parameters, pair, {}});
  cost_ = expr::Program::compile(cost, {pair, {}, pair, {}});
  linear_ = !cost.derivative(tokens).uses(tokens);
  closed_ = law.optimum.contains(size) && law.optimum.contains(tokens);
  const auto optimum = [&](const std::string& name) {
    const expr::Expression expression =
        closed_ ? with_inputs(law, fixed, law.optimum.at(name)) : expr::Expression::constant(0);
    return expr::Program::compile(expression, {{std::string(compute_name)}, parameters, {}, {}});
  };
  size_ = optimum(size);
  tokens_ = optimum(tokens);
}

double BudgetLine::loss(Scratch& scratch, std::span<const double> parameters, double size, double tokens,
                        std::span<double> gradient) const {
  const std::array<double, 2> inputs = {size, tokens};
  return scratch.loss.point(inputs, parameters, gradient);
}

void BudgetLine::losses(Scratch& scratch, std::span<const double> parameters, std::span<const double> sizes,
                        std::span<const double> tokens, std::span<double> losses) const {
  const expr::Bound bound(loss_, {sizes.size(), {sizes, tokens}, {}});
  scratch.loss.set_parameters(parameters);
  for (std::size_t b = 0; b < bound.blocks(); ++b) {
    const std::size_t first = b * num::block_rows;
    std::copy_n(scratch.loss.block(bound, b).value, std::min(num::block_rows, losses.size() - first),
                losses.data() + first);
  }
}

double BudgetLine::compute(Scratch& scratch, double size, double tokens, std::span<double> gradient) const {
  const std::array<double, 2> inputs = {size, tokens};
  return scratch.cost.point(inputs, {}, gradient);
}

double BudgetLine::tokens_for(Scratch& scratch, double size, double compute) const {
  if (linear_) {
    std::array<double, 2> gradient{};
    const double at_one = this->compute(scratch, size, 1, gradient);
    const double tokens = 1 + (compute - at_one) / gradient[1];
    return tokens > 0 && std::isfinite(tokens) ? tokens : std::nan("");
  }
  const auto excess = [&](double log_tokens) {
    return std::log(this->compute(scratch, size, std::exp(log_tokens), {}) / compute);
  };
  return std::exp(num::find_root(excess, std::log(1e-3), std::log(1e30)));
}

LinePoint BudgetLine::at(Scratch& scratch, std::span<const double> parameters, double size,
                         double tokens) const {
  std::array<double, 2> slope{};
  std::array<double, 2> cost{};
  LinePoint point;
  point.size = size;
  point.tokens = tokens;
  point.loss = loss(scratch, parameters, size, tokens, slope);
  const double flop = compute(scratch, size, tokens, cost);
  const double by_size = slope[0] * size;
  const double by_tokens = -slope[1] * cost[0] * size / cost[1];
  point.slope = by_size + by_tokens;
  point.scale = std::abs(by_size) + std::abs(by_tokens);
  point.by_compute = slope[1] * flop / cost[1];
  return point;
}

std::pair<double, double> BudgetLine::closed_form(Scratch& scratch, std::span<const double> parameters,
                                                  double compute) const {
  const std::array<double, 1> inputs = {compute};
  return {scratch.size.point(inputs, parameters, {}), scratch.tokens.point(inputs, parameters, {})};
}

std::shared_ptr<const Grid> BudgetLine::grid(Scratch& scratch, double compute) const {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = grids_.find(compute);
    if (found != grids_.end()) {
      return found->second;
    }
  }
  std::shared_ptr<const Grid> made = make_grid(scratch, compute);
  const std::scoped_lock lock(mutex_);
  if (grids_.size() >= most_grids) {
    grids_.clear();
  }
  return grids_.emplace(compute, std::move(made)).first->second;
}

std::shared_ptr<const Grid> BudgetLine::make_grid(Scratch& scratch, double compute) const {
  auto grid = std::make_shared<Grid>();
  const double low = std::log(smallest_size);
  double high = std::log(largest_size);
  const auto excess = [&](double log_size) {
    return std::log(this->compute(scratch, std::exp(log_size), 1, {}) / compute);
  };
  if (!(excess(low) < 0)) {
    return grid;
  }
  if (excess(high) > 0) {
    high = num::find_root(excess, low, high);
  }
  std::vector<double> sizes;
  for (std::size_t i = 0; i < grid_points; ++i) {
    const double x = low + (high - low) * static_cast<double>(i) / static_cast<double>(grid_points - 1);
    std::array<double, 2> cost{};
    const double tokens = tokens_for(scratch, std::exp(x), compute);
    this->compute(scratch, std::exp(x), tokens, cost);
    grid->log_size.push_back(x);
    sizes.push_back(std::exp(x));
    grid->tokens.push_back(tokens);
    grid->exchange.push_back(-cost[0] * std::exp(x) / (cost[1] * tokens));
  }
  const expr::Columns columns{grid_points, {sizes, grid->tokens}, {}};
  grid->bound = std::make_unique<expr::Bound>(loss_, columns);
  return grid;
}

}  // namespace scaleplan::laws
