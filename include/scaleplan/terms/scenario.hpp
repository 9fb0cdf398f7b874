#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/terms/stack.hpp"

namespace scaleplan::terms {

/// The techniques that a list of ids names, with their places. Unknown ids (with the nearest), pairs that
/// cannot be combined and techniques that enter no plan are reported to `diagnostics`; an absent key is an
/// empty stack.
Stack read_stack(json::ObjectReader& reader, std::string_view key, const json::Catalogue& catalogue,
                 Diagnostics& diagnostics);

/// What a loss law sees instead of what is trained: "train_flop" × x makes compute worth 1/x more, so that
/// the law sees N/√x and D/√x; "effective_params" and "effective_tokens" act on N and D alone, the latter
/// before repetition; "precision_loss_penalty" adds to the loss.
struct LossEffects {
  double params_factor = 1;
  double tokens_factor = 1;  ///< of tokens and of unique tokens
  double penalty = 0;        ///< nats per token
  std::vector<Step> steps;   ///< what each technique did, in this order of terms
};

/// `params` and `tokens` are what is trained; `law_penalty` what a precision law says, which a technique may
/// replace. An error names the inputs that a formula lacks, or a factor that is not positive.
Result<LossEffects> loss_effects(const Stack& stack, double params, double tokens, double law_penalty,
                                 const std::map<std::string, double>& inputs);

}  // namespace scaleplan::terms
