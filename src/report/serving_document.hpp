#pragma once

#include "scaleplan/report/serving.hpp"

namespace scaleplan::report {

/// The result as a scaleplan/serving/1 document.
json::Value serving_document(const ServingResult& result);

/// Dollars of the lifetime, or of one year without one; NaN without a price.
double lifetime_dollars(const ServingResult& result, const serving::Deployed& deployed);
/// What prompts and answers cost apart, by their shares of device time; NaN without a price.
struct TokenPrices {
  double input = 0;   ///< dollars per million prompt tokens
  double output = 0;  ///< … per million generated tokens
};
TokenPrices token_prices(const ServingResult& result, const serving::Deployed& deployed);

}  // namespace scaleplan::report
