#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "scaleplan/model/family.hpp"
#include "scaleplan/plan/plan.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/serving/deployment.hpp"
#include "scaleplan/serving/efficiency.hpp"

namespace scaleplan::plan {

/// What serving a model for the demand's lifetime takes (PROBLEM 1.10); without a lifetime: for a year.
struct ServiceCost {
  bool possible = true;  ///< some deployment keeps the latency limits
  double usd = 0;        ///< NaN: no price
  double joules = 0;
  double grams = 0;          ///< NaN: no grid
  double prefill_share = 0;  ///< of device time: what grows with prompts rather than with answers
};

/// The deployment of one shape.
struct Served {
  const ServingSite* site = nullptr;
  serving::Deployed deployed;
  std::vector<serving::Point> curve;
  ServiceCost cost;
};

/// The same, as the plan tells it.
std::shared_ptr<const ServedModel> served_model(const Served& served);

/// What a demand costs, by size of the model: independent of tokens, batch and the law's draws. Thread-safe.
class Lifetime {
 public:
  /// Errors: a demand that no model of the family's context could serve, techniques that serving cannot read.
  static Result<std::unique_ptr<Lifetime>> build(const Scenario& scenario, model::Count count,
                                                 const json::Catalogue& catalogue);

  /// The cheapest deployment over all sites, in the unit of the scenario's objective where that is a
  /// lifetime's, else in money, else in energy. None: no site can serve it.
  /// Answers are kept for the next call.
  [[nodiscard]] std::shared_ptr<const Served> serve(const model::Shape& shape) const;
  /// The same cost along the family's usual aspect, between shapes on a grid of sizes.
  [[nodiscard]] ServiceCost at_size(double size) const;
  [[nodiscard]] bool has_sites() const { return !scenario_.demand->sites.empty(); }

  /// Tokens that pass the model over the lifetime: prompts that are not in the prefix cache, and all samples
  /// of all answers.
  [[nodiscard]] double inference_tokens() const { return inference_tokens_; }

  /// How much larger the cost is when demand turns out as in draw `k`, against the median demand.
  [[nodiscard]] double factor(std::size_t k, double prefill_share) const;
  [[nodiscard]] bool uncertain() const { return !draws_.empty(); }

  ~Lifetime();
  Lifetime(const Lifetime&) = delete;
  Lifetime& operator=(const Lifetime&) = delete;

 private:
  struct Node;
  struct Kept;  ///< answers of `serve`
  struct DemandDraw {
    double input = 1;
    double output = 1;
    double scale = 1;
  };
  Lifetime(const Scenario& scenario, model::Count count, serving::Efficiency efficiency);
  void draw_demand();
  [[nodiscard]] ServiceCost cost_of(const ServingSite& site, const serving::Deployed& deployed) const;
  [[nodiscard]] double rank(const ServiceCost& cost) const;
  [[nodiscard]] const Node& node(std::size_t i) const;
  [[nodiscard]] std::optional<Served> search(const model::Shape& shape) const;

  const Scenario& scenario_;
  serving::Efficiency efficiency_;
  serving::Freedom freedom_;
  double cost_factor_ = 1;  ///< of techniques that act on the whole
  std::int64_t context_ = 0;
  double inference_tokens_ = 0;
  std::vector<DemandDraw> draws_;
  std::vector<std::unique_ptr<Node>> nodes_;  ///< by size
  std::unique_ptr<Kept> kept_;
};

}  // namespace scaleplan::plan
