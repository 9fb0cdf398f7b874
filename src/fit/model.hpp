#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fit/descend.hpp"
#include "fit/objective.hpp"
#include "scaleplan/fit/fit.hpp"

namespace scaleplan::fit {

/// A law bound to rows, in working coordinates: the problem that the engines of this room solve.
struct Model {
  const laws::Law* law = nullptr;
  std::vector<std::size_t> free;  ///< indices into law->parameters of what is fitted
  expr::Program program;          ///< residual of a row; directions are the free parameters
  expr::Bound rows;
  std::vector<double> weights;  ///< all one
  Box box;
  double delta = 0;
  std::vector<std::vector<double>> inputs;  ///< columns in the order of law->inputs
  std::vector<double> observed;
  std::vector<std::size_t> table_rows;  ///< where each row stands in the table
  std::vector<std::string> runs;
  std::vector<Place> places;
  std::vector<std::size_t> cluster;  ///< cluster of each row, 0 …; its own when rows are resampled alone
  std::size_t clusters = 0;
  std::string resampling;
  Points points;

  [[nodiscard]] std::size_t size() const { return observed.size(); }
  /// Values of all parameters of the law (natural units) from working coordinates of the free ones.
  [[nodiscard]] std::vector<double> natural(std::span<const double> theta) const;
};

/// Choose rows and columns, check that they can carry the law, compile the residual.
Result<Model> build_model(const laws::Law& law, const runs::Table& table, const Options& options);

}  // namespace scaleplan::fit
