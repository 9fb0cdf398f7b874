#include "scaleplan/serving/load.hpp"

#include <algorithm>
#include <limits>

namespace scaleplan::serving {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// First-token wait that sets how many of a closed loop's clients are decoding (not the one that is reported).
double closed_wait(const Load& load, double step_s, double prefill_s) {
  return 0.01 + step_s / 2 + (1 + 0.03 * load.sequences) * prefill_s;
}

double little(const Load& load, const Operation& at, double output) {
  return load.sequences * at.tpot_s * output / at.batch - output * at.tpot_s;
}

// Sequences in flight that arrivals keep busy when a step takes `step_s`.
double wanted(const Load& load, double output, double step_s, double prefill_s) {
  const double decoding = output * step_s;
  switch (load.kind) {
    case Load::Kind::closed:
      return load.sequences * decoding / (decoding + closed_wait(load, step_s, prefill_s));
    case Load::Kind::open:
      return load.requests > 0 ? load.requests * decoding / (load.requests / load.rate + decoding)
                               : load.rate * decoding;
    default:
      return load.sequences;
  }
}

double settle(const Clock& clock, const Request& request, const Load& load, double limit, double prefill_s) {
  if (load.kind == Load::Kind::maximum) return limit;
  if (load.kind != Load::Kind::closed && load.kind != Load::Kind::open) return load.sequences;
  double batch = load.kind == Load::Kind::closed ? std::min(limit, load.sequences) : std::min(limit, 1.0);
  for (int i = 0; i < 40; ++i) {
    const double step_s = clock.mean(batch, request).total();
    const double next = std::min(limit, wanted(load, request.output, step_s, prefill_s));
    batch += 0.5 * (next - batch);
  }
  return batch;
}

// Mean wait for the prefills ahead (Pollaczek and Khinchine): prompts pass one by one. A finite run waits for
// half of its own at most.
double queue_wait(const Load& load, const Operation& at, double output) {
  const double busy = at.tokens_per_s / output * at.prefill_s;
  const double most = load.requests > 0 ? load.requests * at.prefill_s / 2 : infinity;
  if (busy >= 1) return most;
  return std::min(most, at.prefill_s * busy * (1 + load.length_cv2) / (2 * (1 - busy)));
}

double first_token(const Load& load, const Operation& at, double output, const Constants& c) {
  switch (load.kind) {
    case Load::Kind::closed: {
      const double queue = (c.queue_closed + c.queue_client * (load.sequences - 1)) * at.prefill_s;
      const double wait = 0.5 * at.tpot_s + queue;
      return load.sequences > at.batch_limit ? std::max(wait, little(load, at, output)) : wait;
    }
    case Load::Kind::open:
      return 0.5 * at.tpot_s + c.queue_open * at.prefill_s + queue_wait(load, at, output);
    default:
      return 0.5 * at.tpot_s + at.prefill_s;
  }
}

double throughput(const Load& load, const Operation& at, double output) {
  const double steady = at.batch / at.tpot_s;
  switch (load.kind) {
    case Load::Kind::closed: {
      double wait = closed_wait(load, at.tpot_s, at.prefill_s);
      if (load.sequences > at.batch_limit) wait = std::max(wait, little(load, at, output));
      return load.sequences * output / (wait + output * at.tpot_s);
    }
    case Load::Kind::open: {
      if (load.requests <= 0) return steady;
      return std::min(steady, load.requests * output / (load.requests / load.rate + output * at.tpot_s));
    }
    case Load::Kind::batch:
    case Load::Kind::single:
      return at.batch * output / (at.ttft_s + output * at.step_s);
    default:
      return steady;
  }
}

}  // namespace

Operation operate(const Clock& clock, const Request& request, const Load& load, const Constants& constants) {
  Operation at;
  const double fits = clock.batch_limit(request);
  at.batch_limit = std::max(1.0, fits);
  at.prefill_s = clock.prefill(1, request);
  at.batch = settle(clock, request, load, at.batch_limit, at.prefill_s);
  at.parts = clock.mean(at.batch, request);
  at.step_s = at.parts.step.total();
  const bool together = load.kind == Load::Kind::batch || load.kind == Load::Kind::single;
  at.tpot_s = together ? at.step_s : at.parts.total();
  if (together) at.ttft_s = clock.prefill(at.batch, request);
  at.tokens_per_s = throughput(load, at, request.output);
  if (!together) at.ttft_s = first_token(load, at, request.output, constants);
  return at;
}

}  // namespace scaleplan::serving
