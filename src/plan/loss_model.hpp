#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scaleplan/expr/program.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/laws/allocation.hpp"
#include "scaleplan/laws/drawn_loss.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/terms/scenario.hpp"

namespace scaleplan::plan {

/// Loss and law FLOP as functions of size and tokens alone: the predictor's members with every other input
/// fixed by the scenario, repetition put in where no law takes it, and a strided choice of its draws.
/// Thread-safe.
class LossModel {
 public:
  static constexpr int point = -1;  ///< the "draw" of the point estimate

  /// Errors: a law that plans nothing, an input that nobody gives, an input that no law takes.
  static Result<LossModel> build(const Scenario& scenario, const fit::Predictor& predictor);

  [[nodiscard]] int draws() const { return draws_; }
  [[nodiscard]] model::Count count() const { return count_; }
  [[nodiscard]] const std::string& size_name() const { return size_name_; }
  /// Defaults of law inputs that were used, and what the law cannot know of the scenario.
  [[nodiscard]] const std::vector<Assumed>& assumed() const { return assumed_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// Loss under one draw; `gradient`: to (size, tokens), or empty.
  double loss(int draw, double size, double tokens, std::span<double> gradient = {}) const;
  /// Quantile over the draws (type 7), with the gradient of the interpolated order statistics.
  double quantile(double q, double size, double tokens, std::span<double> gradient = {}) const;
  [[nodiscard]] std::vector<double> losses(double size, double tokens) const;

  /// The fewest tokens at which the loss (a quantile over the draws, when one is given) is no more than
  /// `target`, at least 1; NaN: none up to `most_tokens` are enough. Point estimates and quantiles are kept
  /// for the next call.
  double tokens_for_loss(int draw, std::optional<double> quantile, double size, double target) const;
  static constexpr double most_tokens = 1e20;
  static constexpr double smallest_size = 1e3;

  /// The tokens that, seen once more through repetition, are worth `worth` (0, 1] times `tokens`.
  [[nodiscard]] double worth_tokens(double tokens, double worth) const;

  /// FLOP in the law's convention (the first member's), their gradient, and the tokens that spend them.
  double compute(double size, double tokens, std::span<double> gradient = {}) const;
  [[nodiscard]] double tokens_for(double size, double compute) const;

  /// The budget line in one call where this is exact: one law, no repetition outside it.
  [[nodiscard]] bool has_allocator() const {
    return members_.size() == 1 && !repetition_ && moved_.ln_compute.empty() && !techniques_ && factor_ == 1;
  }
  [[nodiscard]] laws::Allocation allocate(int draw, double compute) const;

 private:
  struct Kept;  ///< answers of `tokens_for_loss`
  struct Member {
    laws::Allocator allocator;
    std::vector<double> values;
    std::vector<std::vector<double>> draws;
    double weight = 1;
    bool takes_unique_tokens = false;
    std::optional<laws::DrawnLoss> drawn = {};  ///< of `draws`; absent without any
  };
  /// A loss and its derivatives to ln N, ln D and the logarithm of the stretch along equal compute.
  struct Local {
    double value = 0;
    double by_size = 0;
    double by_tokens = 0;
    double by_stretch = 0;
  };
  struct Repetition {
    double unique_tokens;
    double constant;
  };
  [[nodiscard]] Local member_loss(const Member& member, const std::vector<double>& values, double size,
                                  double tokens, double stretch, bool slopes) const;
  [[nodiscard]] Local law_loss(int draw, double size, double tokens, double stretch, bool slopes) const;
  /// What `tokens` of data are worth to the member, and the derivative of that to `tokens`.
  [[nodiscard]] double effective_tokens(const Member& member, double tokens, double* slope) const;
  double search_tokens(int draw, std::optional<double> quantile, double size, double target,
                       double start) const;
  double kept_tokens(std::optional<double> quantile, double size, double target, double start) const;
  double usual_tokens(std::optional<double> quantile, double size, double target) const;
  double moved_loss(int draw, double size, double tokens, std::span<double> gradient) const;
  [[nodiscard]] std::size_t move_of(int draw) const;
  [[nodiscard]] std::vector<double> moved_losses(double size, double tokens) const;
  [[nodiscard]] std::vector<double> plain_losses(double size, double tokens) const;
  double plain_loss(int draw, double size, double tokens, std::span<double> gradient) const;
  Diagnostics set_techniques(const Scenario& scenario);

  void set_cost(const laws::Law& law, const std::map<std::string, double>& fixed);

  LossModel();

  std::shared_ptr<Kept> kept_;
  std::vector<Member> members_;
  fit::AllocationDraws moved_;       ///< of a blend; empty: the members' own values and draws
  expr::Program cost_;               ///< law FLOP with derivatives to size and tokens
  std::vector<double> cost_inputs_;  ///< in the order of the law; size and tokens to be put in
  std::size_t size_at_ = 0;
  std::size_t tokens_at_ = 0;
  std::optional<Repetition> repetition_;
  const Scenario* techniques_ = nullptr;  ///< whose techniques change what the law sees; null: none does
  terms::LossEffects effects_;            ///< of them, when they are the same for every run
  bool effects_vary_ = false;
  double factor_ = 1;  ///< of training on several sites
  int draws_ = 0;
  model::Count count_ = model::Count::total;
  std::string size_name_;
  std::vector<Assumed> assumed_;
  std::vector<std::string> warnings_;
};

/// D_r of Muennighoff et al. 2023, eq. 5: what `tokens` of `unique` ones are worth; `slope` (may be null):
/// its derivative to tokens.
double repeated_tokens(double tokens, double unique, double constant, double* slope);

}  // namespace scaleplan::plan
