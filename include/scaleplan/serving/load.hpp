#pragma once

#include <optional>

#include "scaleplan/serving/step.hpp"

namespace scaleplan::serving {

/// How requests reach one replica.
struct Load {
  enum class Kind {
    maximum,  ///< always more than it can take
    fixed,    ///< `sequences` decode together for ever
    closed,   ///< `sequences` clients, each asks again when answered
    open,     ///< Poisson at `rate`; `requests` of them, or endless when 0
    batch,    ///< `sequences` start together and the next batch waits for the last of them
    single,   ///< the same, of one request or batch on an idle engine
  };
  Kind kind = Kind::maximum;
  double sequences = 0;
  double rate = 0;
  double requests = 0;
  double length_cv2 = 1;  ///< squared coefficient of variation of prompt lengths, for open arrivals
};

/// What a load makes of a replica.
struct Operation {
  double batch = 0;         ///< sequences that decode together
  double batch_limit = 0;   ///< that memory or the engine allows
  double step_s = 0;        ///< one decode step without prefill: median time between tokens
  double tpot_s = 0;        ///< mean time per output token, prefill of others mixed in
  double ttft_s = 0;        ///< mean time to first token
  double tokens_per_s = 0;  ///< output
  double prefill_s = 0;     ///< one prompt on an idle replica
  MeanStep parts;
};
Operation operate(const Clock& clock, const Request& request, const Load& load, const Constants& constants);

}  // namespace scaleplan::serving
