#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fit/descend.hpp"
#include "fit/objective.hpp"
#include "scaleplan/fit/fit.hpp"

namespace scaleplan::fit {

/// Rows that are resampled together.
struct Clusters {
  std::vector<std::size_t> of_row;  ///< 0 …
  std::size_t count = 0;
  std::string rule;     ///< "rows", "clusters of …": what is resampled
  bool single = true;   ///< every row is its own cluster
  bool by_run = false;  ///< because run ids repeat
};

/// A law bound to rows, in working coordinates: the problem that the engines of this room solve.
struct Model {
  const laws::Law* law = nullptr;
  std::vector<std::size_t> free;  ///< indices into law->parameters of what is fitted
  expr::Program program;          ///< residual of a row; directions are the free parameters
  expr::Bound rows;
  std::vector<double> weights;
  Box box;
  double delta = 0;
  double over = 1;                          ///< how many times more a row weighs where the law lies above it
  std::vector<std::vector<double>> inputs;  ///< columns in the order of law->inputs
  std::vector<double> observed;
  std::vector<std::size_t> table_rows;  ///< where each row stands in the table
  std::vector<std::string> runs;
  std::vector<Place> places;
  Clusters clusters;
  Points points;

  [[nodiscard]] std::size_t size() const { return observed.size(); }
  [[nodiscard]] Objective objective() const;
  /// The residual program on all rows, with other outputs.
  [[nodiscard]] expr::Bound bound_to(std::span<const double> outputs) const;
  /// FLOP of each row by the law's own count; empty when it has none.
  [[nodiscard]] std::vector<double> compute() const;
  /// Values of all parameters of the law (natural units) from working coordinates of the free ones.
  [[nodiscard]] std::vector<double> natural(std::span<const double> theta) const;
};

/// Choose rows and columns, check that they can carry the law, compile the residual.
Result<Model> build_model(const laws::Law& law, const runs::Table& table, const Options& options);

}  // namespace scaleplan::fit
