#pragma once

#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/job.hpp"
#include "scaleplan/training/step_time.hpp"

namespace scaleplan::training {

/// Seconds of the forward and of the backward pass.
struct Passes {
  double forward = 0;
  double backward = 0;
  Passes& operator+=(const Passes& other) {
    forward += other.forward;
    backward += other.backward;
    return *this;
  }
  [[nodiscard]] double both() const { return forward + backward; }
};

Rates rates_of(const Job& job, const Efficiency& efficiency);

/// Width and depth of the attention's matrices on one tensor-parallel rank, in values.
struct HeadWidths {
  double score = 0;  ///< all heads' queries: what scores contract over
  double value = 0;  ///< all heads' values
  double heads = 0;
};
HeadWidths head_widths(const model::Shape& shape, double tp);

/// A multiplication forward, and the two of its backward pass.
Passes multiply(const Gemm& gemm, double peak, const Rates& rates);
Passes attention_gemms(const Job& job, double tokens, double tp, const Rates& rates);
Passes dense_ffn_gemms(const model::Shape& shape, double width, double tokens, double tp, const Rates& rates);
Passes expert_gemms(const model::Shape& shape, double tokens, double ep, const Rates& rates);
/// Scores, softmax and weighted values of `tokens` queries.
Passes core_attention(const Job& job, double tokens, double tp, const Rates& rates);
/// Norms, activation functions, residuals, dropout: bound by memory.
Passes elementwise(const Job& job, const model::Layout& layout, double tokens, bool experts,
                   const Rates& rates);
double head_seconds(const Job& job, double tokens, double tp, const Rates& rates);

}  // namespace scaleplan::training
