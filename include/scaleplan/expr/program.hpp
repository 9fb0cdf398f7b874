#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scaleplan/base/pool.hpp"
#include "scaleplan/expr/expression.hpp"

namespace scaleplan::expr {

/// Values of one vector input, ragged: row r holds values[offsets[r] .. offsets[r+1]).
struct VectorColumn {
  std::vector<double> values;
  std::vector<std::size_t> offsets;
};

/// Columns in the order of `Program::Signature::inputs` and `vectors`.
struct Columns {
  std::size_t rows = 0;
  std::vector<std::span<const double>> inputs;
  std::vector<const VectorColumn*> vectors;
};

struct Tape;
class Bound;

/// A block's results: `value` and one column per direction (null: identically zero), block_rows each; rows
/// past the end repeat the last row.
struct BlockView {
  const double* value;
  const double* const* gradient;
};

/// An expression and its exact derivatives, compiled to a flat tape that runs on blocks of rows. Immutable
/// and shareable between threads.
class Program {
 public:
  struct Signature {
    std::vector<std::string> inputs;
    std::vector<std::string> parameters;
    std::vector<std::string> directions;  ///< names of inputs or parameters to differentiate by
    std::vector<std::string> vectors;
  };

  Program() = default;
  /// Every scalar name in `expression` must be in `signature`.
  static Program compile(const Expression& expression, Signature signature);

  [[nodiscard]] const Signature& signature() const;

  /// Convenience: values at all rows; `gradient` (rows × directions, row-major) when not null.
  [[nodiscard]] std::vector<double> evaluate(const Columns& columns, std::span<const double> parameters,
                                             std::vector<double>* gradient = nullptr) const;
  /// Convenience: one point without vector inputs. `gradient` may be empty.
  double at(std::span<const double> inputs, std::span<const double> parameters,
            std::span<double> gradient) const;

 private:
  friend class Bound;
  friend class Workspace;
  std::shared_ptr<const Tape> tape_;
};

/// A program bound to data: what depends on the inputs alone is computed once here. Shareable.
class Bound {
 public:
  Bound() = default;
  Bound(const Program& program, const Columns& columns);
  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t blocks() const;
  /// The same for a subset of rows, in the given order, without recomputing anything.
  [[nodiscard]] Bound gather(std::span<const std::size_t> rows) const;

 private:
  friend class Workspace;
  struct State;
  std::shared_ptr<const State> state_;
};

/// Scratch of one thread. `set_parameters` evaluates what depends on parameters alone; `block` runs the rest.
class Workspace {
 public:
  explicit Workspace(const Program& program);
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;

  void set_parameters(std::span<const double> parameters);
  BlockView block(const Bound& bound, std::size_t index);
  /// One point without vector inputs, without allocation. Parameters must be set anew before `block`.
  /// `gradient` may be empty or hold one number per direction.
  double point(std::span<const double> inputs, std::span<const double> parameters,
               std::span<double> gradient);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Workspaces of one program for any number of threads.
inline Pool<Workspace> workspaces_of(Program program) {
  return Pool<Workspace>([program = std::move(program)] { return Workspace(program); });
}

}  // namespace scaleplan::expr
