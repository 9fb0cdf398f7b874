#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scaleplan/laws/law.hpp"

namespace scaleplan::laws {

/// The loss of one law at one point under many vectors of parameters, in blocks of them. Thread-safe.
class DrawnLoss {
 public:
  /// `draws` in the order of Law::parameters, at least one; the law and `fixed` as for an Allocator.
  DrawnLoss(const Law& law, const std::map<std::string, double>& fixed,
            const std::vector<std::vector<double>>& draws);

  [[nodiscard]] std::size_t draws() const;
  /// losses[k]: under draw k, as the law gives it. `losses` holds as many numbers as there are draws.
  void at(double size, double tokens, std::span<double> losses) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace scaleplan::laws
