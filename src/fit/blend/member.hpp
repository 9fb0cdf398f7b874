#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fit/model.hpp"

namespace scaleplan::fit {

/// Rows of a blend, law by law, in one canonical order.
struct BlendData {
  std::vector<double> compute;  ///< FLOP
  std::vector<double> size;
  std::vector<double> tokens;
  std::vector<double> unique;  ///< empty when epochs do not vary
  std::vector<double> ln_loss;
  std::vector<double> weight;  ///< the user's, or one
  [[nodiscard]] std::size_t rows() const { return compute.size(); }
};

/// A law that takes part, bound to all rows; its working coordinates are those of its priors.
struct Participant {
  std::shared_ptr<const laws::Law> law;  ///< with the transforms of the priors
  Model model;
};

/// Weights that fade rows far above the frontier of loss against compute (starved or diverged arms), for the
/// given rows: exp(-e/0.1), e the excess of ln L over the least ln L at no more compute.
std::vector<double> arm_weights(const BlendData& data, const std::vector<std::size_t>& rows);

/// The same times the user's weights.
std::vector<double> row_weights(const BlendData& data, const std::vector<std::size_t>& rows);

/// Weighted mean of |ln L − ln L of the rows|, `ln_loss` by row of the data.
double mean_error(const BlendData& data, const std::vector<std::size_t>& rows,
                  const std::vector<double>& ln_loss);

/// Rows within `decades` of compute below the top of the given ones.
std::vector<std::size_t> window_rows(const BlendData& data, const std::vector<std::size_t>& rows,
                                     double decades);

/// One law fitted to one window.
struct MemberFit {
  std::vector<double> theta;
  std::vector<double> natural;
  double objective = 0;
  double belief_part = 0;
  double noise = 0;  ///< b, the Laplace scale of the noise that the priors are weighed by
};

/// Starts of a law's blend section for all rows of a model (coordinates of the model's own law).
std::vector<std::vector<double>> data_starts(const Model& model);

/// Noise scale of rows and weights from the plain law, for weighing priors: max(median|r| / ln 2, 5e-4).
double noise_scale(const Participant& plain, const std::vector<std::size_t>& rows,
                   const std::vector<double>& weights, Descender& scratch);

/// Fit with priors from the law's own starts; theta empty when nothing converged.
MemberFit fit_member(const Participant& member, const std::vector<std::size_t>& rows,
                     const std::vector<double>& weights, double noise, Descender& scratch);

/// The member refitted from its own optimum under other row weights (zero: left out), with the same priors.
MemberFit refit_member(const Participant& member, const std::vector<double>& weights, const MemberFit& from,
                       Descender& scratch);

/// The unpenalised fit, arms not faded.
MemberFit fit_plain(const Participant& member, const std::vector<std::size_t>& rows, Descender& scratch);

/// ln L of all rows of the data under a member.
std::vector<double> ln_predictions(const Participant& member, const BlendData& data, const MemberFit& fit,
                                   Descender& scratch);

}  // namespace scaleplan::fit
