#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/laws/formula.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::plan {

struct Scenario;

/// What one law says of a hyperparameter.
struct Advice {
  std::string law;  ///< "id:set"
  double value = 0;
  double decades_outside = 0;  ///< of the range the law was fitted on, its worst input; NaN: not stated
  bool used = false;
};

/// A hyperparameter, how it was chosen, and everything that was heard.
struct Recommendation {
  double value = 0;
  std::string rule;
  std::vector<Advice> advice;

  [[nodiscard]] double spread() const;  ///< largest over smallest advice
};

/// A run as hyperparameter laws see it. FLOP are 6·tokens times active parameters without embeddings, the
/// convention of arXiv:2502.16982; arXiv:2401.02954 adds attention, which moves its batch by a third of that.
struct RunSize {
  double params = 0;
  double active_params = 0;
  double non_embedding_params = 0;
  double active_non_embedding_params = 0;
  double head_no_embedding_params = 0;
  double tokens = 0;
  double loss = 0;
};
RunSize run_size(const model::Parameters& params, double tokens, double loss);

/// The laws of batch size and learning rate in force. Batches are tokens per optimiser step; a critical batch
/// is that of the hyperbola (arXiv:1812.06162): at it, twice the least data are needed.
class HyperparameterLaws {
 public:
  /// The catalogue's panel, with what the scenario names put first. Errors name the scenario's key.
  static Result<HyperparameterLaws> build(const Scenario& scenario, const json::Catalogue& catalogue);

  [[nodiscard]] Recommendation batch(const RunSize& run) const;
  [[nodiscard]] Recommendation critical_batch(const RunSize& run) const;
  [[nodiscard]] Recommendation learning_rate(const RunSize& run) const;

  /// The values alone of `batch` and `critical_batch`, for searches.
  [[nodiscard]] double batch_tokens(const RunSize& run) const;
  [[nodiscard]] double critical_tokens(const RunSize& run) const;

  /// The best learning rate moves with the batch as B^0.39 around the batch it was tuned at: the ridge of the
  /// sweep behind arXiv:2503.04715, the median of 17 dense cells, recomputed from the released runs.
  static constexpr double learning_rate_per_batch = 0.39;
  /// ε = ½·h·ln²(η/η*): a factor of two costs 0.31 % of the loss (same sweep).
  static constexpr double learning_rate_curvature = 0.0129;

 private:
  static constexpr std::size_t most_inputs = 8;
  /// What an input of a law hears of a run.
  struct Heard {
    double RunSize::*field = nullptr;
    bool flops = false;
    double fallback = 0;  ///< where neither says; NaN: required

    [[nodiscard]] double of(const RunSize& run) const;
  };
  struct Voice {
    std::string name;  ///< "id:set"
    laws::Formula formula;
    std::vector<Heard> inputs;
    std::vector<laws::Range> range;  ///< of its inputs; low > high: not stated

    [[nodiscard]] double value(const RunSize& run) const;
  };
  struct Panel {
    std::vector<Voice> voices;
    std::vector<std::string> chosen;  ///< names of the scenario's own choice; empty: the default rule
  };
  static Advice ask(const Voice& voice, const RunSize& run);
  static std::vector<Advice> ask_all(const Panel& panel, const RunSize& run);

  Panel batch_;
  Panel critical_;
  Panel rate_;
};

/// A sentence when the laws heard differ by more than a factor of two, else empty.
std::string disagreement(const std::string& what, const Recommendation& recommendation);

}  // namespace scaleplan::plan
