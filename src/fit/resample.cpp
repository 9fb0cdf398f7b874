#include "fit/resample.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/random.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t trials = 3;
constexpr double better = 1e-7;

constexpr std::size_t few_clusters = 12;

/// Makes the objective of each draw.
class Redraw {
 public:
  Redraw(const Model& model, std::span<const double> optimum, const Options& options)
      : model_(model), options_(options) {
    if (options.resampling == Resampling::wild) {
      expr::Workspace workspace(model.program);
      model.objective().residuals(workspace, optimum, residuals_);
    }
  }

  [[nodiscard]] Objective operator()(std::uint64_t draw) const {
    num::Random random(options_.seed, draw);
    return residuals_.empty() ? pairs(random) : wild(random);
  }

 private:
  /// Rows with their multiplicities.
  [[nodiscard]] Objective pairs(num::Random& random) const {
    const Clusters& clusters = model_.clusters;
    std::vector<double> times(clusters.count, 0.0);
    for (std::size_t k = 0; k < clusters.count; ++k) {
      times[random.below(clusters.count)] += 1;
    }
    std::vector<std::size_t> rows;
    std::vector<double> weights;
    for (std::size_t row = 0; row < model_.size(); ++row) {
      if (times[clusters.of_row[row]] > 0) {
        rows.push_back(row);
        weights.push_back(times[clusters.of_row[row]] * model_.weights[row]);
      }
    }
    return {model_.rows.gather(rows), weights, model_.delta, {}, model_.over};
  }

  /// All rows at their design points; each cluster's residuals times one random factor of mean 0, variance 1.
  [[nodiscard]] Objective wild(num::Random& random) const {
    std::vector<double> factor(model_.clusters.count);
    for (double& f : factor) {
      f = residual_factor(random);
    }
    const bool logarithmic = model_.law->fit.residual == laws::Residual::log;
    std::vector<double> observed(model_.size());
    for (std::size_t i = 0; i < observed.size(); ++i) {
      const double moved = (1 - factor[model_.clusters.of_row[i]]) * residuals_[i];
      observed[i] = logarithmic ? model_.observed[i] * std::exp(moved) : model_.observed[i] + moved;
    }
    return {model_.bound_to(observed), model_.weights, model_.delta, {}, model_.over};
  }

  [[nodiscard]] double residual_factor(num::Random& random) const {
    if (model_.clusters.count >= few_clusters) {
      return random.below(2) == 0 ? -1 : 1;
    }
    const double size = std::sqrt(0.5 * static_cast<double>(1 + random.below(3)));
    return random.below(2) == 0 ? -size : size;
  }

  const Model& model_;
  const Options& options_;
  std::vector<double> residuals_;
};

}  // namespace

Resamples bootstrap(const Model& model, std::span<const double> optimum, const Options& options,
                    const Control& control) {
  const auto count = static_cast<std::size_t>(std::max(options.bootstrap, 0));
  const Redraw redraw(model, optimum, options);
  const auto scratch = descenders(model.program, control);
  std::vector<Descent> first(count);
  num::parallel_for(count, control, [&](std::size_t k, std::size_t worker) {
    first[k] = descend(redraw(k), model.box, optimum, false, {}, *scratch[worker]);
  });
  std::vector<Descent> ends = first;
  num::parallel_for(count, control, [&](std::size_t k, std::size_t worker) {
    const Objective objective = redraw(k);
    Descender& s = *scratch[worker];
    for (std::size_t t = 1; t <= trials && t < count; ++t) {
      const Descent& other = first[(k + t * (count / (trials + 1) + 1)) % count];
      objective.evaluate(s.workspace, other.theta, objective.delta(), s.here);
      if (other.ending == Ending::converged && s.here.value < ends[k].value * (1 - better)) {
        Descent again = descend(objective, model.box, other.theta, false, {}, s);
        if (again.ending == Ending::converged && again.value < ends[k].value) {
          ends[k] = std::move(again);
        }
      }
    }
  });
  Resamples result;
  for (Descent& end : ends) {
    const bool good = end.ending == Ending::converged;
    result.failed += good ? 0U : 1U;
    result.gradient_norm = std::max(result.gradient_norm, good ? end.gradient_norm : 0.0);
    result.theta.push_back(good ? std::move(end.theta) : std::vector<double>{});
  }
  return result;
}

}  // namespace scaleplan::fit
