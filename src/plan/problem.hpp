#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/batch.hpp"
#include "plan/lifetime.hpp"
#include "plan/loss_model.hpp"
#include "plan/resources.hpp"
#include "scaleplan/model/family.hpp"
#include "scaleplan/plan/quantities.hpp"
#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

/// Under which law the loss is seen: one draw (or the point estimate), or with confidence over all draws, the
/// median as an objective and the given quantile as a target; and at which batch (0: the pinned one, else the
/// reference batch, at which the law holds as it was fitted).
struct View {
  int draw = LossModel::point;
  std::optional<double> confidence;
  double batch_tokens = 0;
};

/// What every plan quantity is linear in.
enum class Base : std::uint8_t { loss, law_flop, exact_flop, wall_seconds, epochs };

/// One limit: fixed + scale · base + per_joule · energy + serving ≤ limit. What is done already is not in it.
struct Row {
  std::string name;  ///< of the constraint
  Dimension dimension = Dimension::number;
  Base base = Base::loss;
  double scale = 1;
  double fixed = 0;
  double per_joule = 0;
  double limit = 0;
  double ServiceCost::*service = nullptr;  ///< what serving adds
  double served_tokens = 0;                ///< that cost a third of a trained one each, in law FLOP
};

/// What a model costs: a token of training, and its service where that is known better than by size.
struct TokenCost {
  double flop = 0;     ///< exact
  double seconds = 0;  ///< of wall time; 0 without hardware
  double joules = 0;   ///< of the site; 0 where power is not known
  std::optional<ServiceCost> service = {};
};

/// The best tokens for one size, or how far from kept the limits are.
struct AtSize {
  bool feasible = false;
  double size = 0;
  TokenCost cost;
  double tokens = 0;
  double value = 0;                ///< of the objective
  double violation = 0;            ///< 0 when feasible; else relative, of the worst limit
  std::optional<std::size_t> row;  ///< the limit that sets the tokens, or the one that is violated
  bool unservable = false;         ///< no deployment keeps the demand's latency limits
};

/// The scenario as a problem in size (as the law counts it) and tokens.
class Problem {
 public:
  static constexpr double smallest_size = LossModel::smallest_size;
  static constexpr double largest_size = 1e16;
  static constexpr double most_tokens = LossModel::most_tokens;

  /// `recipe` (may be null: the law as it was fitted, whatever batch and learning rate) must outlive the
  /// problem.
  /// So must `lifetime` (null: nobody is served).
  Problem(const Scenario& scenario, const LossModel& model, Resources resources = {},
          const Recipe* recipe = nullptr, const Lifetime* lifetime = nullptr);

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] const LossModel& model() const { return model_; }
  [[nodiscard]] const Resources& resources() const { return resources_; }
  /// How much longer than predicted a run takes under the view: a draw of its own, with confidence that
  /// quantile over the draws, else 1.
  [[nodiscard]] double time_factor(const View& view, bool as_limit) const;
  [[nodiscard]] const std::vector<double>& time_factors() const { return time_factors_; }
  [[nodiscard]] const Lifetime* lifetime() const { return lifetime_; }
  /// Tokens of this run so far.
  [[nodiscard]] double done() const { return scenario_.done ? scenario_.done->tokens : 0; }
  /// `value` of a row under every draw of times and demand; empty when neither is uncertain.
  [[nodiscard]] std::vector<double> values(const Row& row, double size, const TokenCost& cost,
                                           double tokens) const;
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] bool minimises_loss() const { return objective_.base == Base::loss; }
  [[nodiscard]] const Row& objective() const { return objective_; }
  [[nodiscard]] double size_low() const { return size_low_; }
  [[nodiscard]] double size_high() const { return size_high_; }
  /// The only limit is law FLOP and the law has its own way to the optimum.
  [[nodiscard]] bool only_law_flop(const View& view) const;
  /// Some limit or the objective depends on the exact FLOP or the time of a shape.
  [[nodiscard]] bool uses_token_cost() const;

  /// A row is `fixed` and beyond it proportional to tokens and to what a token costs.
  [[nodiscard]] bool is_proportional(const Row& row) const;

  /// The row that a plan quantity would be (limit 0), when this scenario determines it.
  [[nodiscard]] std::optional<Row> row_of(const PlanQuantity& quantity) const;

  double objective_loss(const View& view, double size, double tokens, std::span<double> gradient = {}) const;
  double target_loss(const View& view, double size, double tokens, std::span<double> gradient = {}) const;
  /// Under each draw of the law; empty without draws.
  std::vector<double> losses(double size, double tokens) const;
  /// Value of a row's quantity; loss rows are targets.
  double value(const View& view, const Row& row, double size, const TokenCost& cost, double tokens) const;
  double objective_value(const View& view, double size, const TokenCost& cost, double tokens) const;
  /// d ln(value) / d ln(tokens) of a row that is no loss.
  double log_slope(const Row& row, double size, const TokenCost& cost, double tokens) const;

  /// Of `flop` exact FLOP per token at the throughput of the resources.
  [[nodiscard]] TokenCost cost_of(double flop) const {
    const double seconds = flop * resources_.seconds_per_flop;
    return {flop, seconds, seconds * resources_.watts};
  }
  /// Another limit of a row, or another speed of the same machines.
  void set_limit(std::size_t row, double limit) { rows_[row].limit = limit; }
  void scale_seconds(double factor) { resources_.seconds_per_flop *= factor; }
  /// What follows holds at this batch unless a view says another.
  void assume_batch(double tokens) { batch_tokens_ = tokens; }
  /// Sizes above are not looked at (they would not fit the machines).
  void cap_params(double params) { size_high_ = std::min(size_high_, size_of_params(params)); }
  /// The curve takes the least FLOP per token that any shape of a size has: a bound, not a shape.
  void be_optimistic() { optimistic_ = true; }
  [[nodiscard]] AtSize at(const View& view, double size, const TokenCost& cost) const;
  /// The same on the family's smooth curve at its reference aspect.
  [[nodiscard]] AtSize on_curve(const View& view, double size) const;
  [[nodiscard]] model::SmoothPoint curve(double size) const;

 private:
  struct Parts {
    double certain = 0;
    double timed = 0;   ///< varies with the draws of time
    double served = 0;  ///< varies with the draws of demand
    double prefill_share = 0;
  };
  [[nodiscard]] Parts parts(const Row& row, double size, const TokenCost& cost, double tokens) const;
  [[nodiscard]] double billed(const TokenCost& cost, double size, double tokens) const;
  [[nodiscard]] ServiceCost service(double size, const TokenCost& cost) const;
  void add_limits();
  void set_sizes();
  double size_of_params(double params) const;
  double tokens_at_limit(const View& view, const Row& row, double size, const TokenCost& cost) const;
  double tokens_by_search(const View& view, const Row& row, double size, const TokenCost& cost,
                          double start) const;
  double seen_loss(const View& view, std::optional<double> quantile, double size, double tokens,
                   std::span<double> gradient) const;
  [[nodiscard]] double tokens_worth(double batch, double size, double worth, double most) const;
  void fit_target(const View& view, const Row& target, AtSize& at, double most) const;

  const Scenario& scenario_;
  const LossModel& model_;
  Resources resources_;
  const Recipe* recipe_;
  const Lifetime* lifetime_;
  bool optimistic_ = false;
  double batch_tokens_ = 0;  ///< 0: the reference batch
  double likely_time_ = 1;
  double median_time_ = 1;
  std::vector<double> time_factors_;  ///< by draw; empty: times are certain
  std::vector<Row> rows_;
  std::optional<std::size_t> target_;
  Row objective_;
  double size_low_ = smallest_size;
  double size_high_ = largest_size;
};

}  // namespace scaleplan::plan
