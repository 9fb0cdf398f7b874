#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::fit {

/// One law with coefficients inside a predictor.
struct Member {
  laws::Law law;
  std::string set;                         ///< catalogue set, or empty for a fit
  std::vector<double> values;              ///< order of law.parameters
  std::vector<std::vector<double>> draws;  ///< equally likely alternatives to `values`; empty: no intervals
  double weight = 1;
  std::string window = "all";  ///< rows it was fitted on
};

/// What a blend adds to its members: residual surfaces and the scale of its intervals.
struct BlendState;

/// How a blend plans: its own laws, and in draw k one member's law, are moved along lines of equal compute by
/// shift d and in level by e^g: L(N, D) = e^g(C) · L_m(N e^-d(C), D e^d(C)). The point puts N* where isoFLOP
/// minima (or the mean of the laws) put it and the loss there where the blend predicts it; the draws spread
/// around the point by the deviations of both. d and g are linear in ln C between knots, and beyond them.
struct Move {
  std::vector<double> shift;  ///< d at the knots
  std::vector<double> level;  ///< g at the knots
};
struct AllocationDraws {
  std::vector<double> ln_compute;   ///< knots, ascending; empty: no blend
  Move point;                       ///< of the blend's laws, by weight
  std::vector<std::size_t> member;  ///< of each draw
  std::vector<Move> move;           ///< of each draw
};

/// Runs that a law was fitted to, as it counts them; for charts. At most `most`, evenly strided, `of` in all.
struct SeenRuns {
  static constexpr std::size_t most = 2000;
  std::vector<double> size;
  std::vector<double> tokens;
  std::vector<double> compute;  ///< FLOP
  std::vector<double> loss;
  std::size_t of = 0;
};

/// What predicts a loss: weighted members (one law is the simplest case; ln L = Σ weight·ln L_m), and the
/// range of the data behind it. Draw k takes draw k of every member. A blend predicts with its surfaces and
/// has draws for allocation instead.
struct Predictor {
  std::string group;  ///< value of --group-by, or empty
  std::vector<Member> members;
  std::map<std::string, laws::Range> range;  ///< of inputs by law input name, of `C` (FLOP) and of `L`
  AllocationDraws allocation;
  std::shared_ptr<const BlendState> blend;  ///< null: no blend
  SeenRuns runs;                            ///< empty: not known, or a law without size, tokens and FLOP
  std::string caveat;  ///< why a fit is not to be trusted ("not-identified: …"), or empty

  [[nodiscard]] std::size_t draw_count() const;
  [[nodiscard]] bool has_intervals() const { return draw_count() > 0; }
};

/// A catalogue set as a predictor.
Predictor from_set(const laws::Law& law, const laws::Set& set);

/// Decades (log10) that `compute` lies outside the data range of FLOP; 0 inside, NaN when no range is known.
double decades_outside(const Predictor& predictor, double compute);

/// One point to predict.
struct Query {
  std::map<std::string, double> inputs;                       ///< by law input name
  double observed = 0;                                        ///< NaN when unknown
  double compute = std::numeric_limits<double>::quiet_NaN();  ///< FLOP; NaN: by the law's own count
  std::string group;
  Place place;
};

struct Prediction {
  Query query;
  double value = 0;
  Interval interval;
  double decades_outside = 0;
};

/// Evaluate at points; intervals are percentiles of the draws at `level`.
Result<std::vector<Prediction>> predict(const Predictor& predictor, const std::vector<Query>& queries,
                                        double level, const Control& control);

}  // namespace scaleplan::fit
