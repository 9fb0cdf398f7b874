#include <algorithm>
#include <cmath>

#include "plan/problem.hpp"
#include "scaleplan/num/minimise.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

ServiceCost Problem::service(double size, const TokenCost& cost) const {
  return cost.service ? *cost.service : lifetime_->at_size(size);
}

// Tokens of the usual sequence length that cost as much as all that is still to do.
double Problem::billed(const TokenCost& cost, double size, double tokens) const {
  double billed = tokens - done();
  if (scenario_.data.stages.empty() || cost.flop == 0) return billed;
  const model::SmoothPoint point = curve(size);
  const double attention = point.attention_flop_per_token / point.flop_per_token;
  for (const Stage& stage : scenario_.data.stages) {
    const double longer =
        static_cast<double>(stage.sequence_length) / static_cast<double>(scenario_.data.sequence_length);
    billed += stage.tokens * (1 + attention * (longer - 1));
  }
  return billed;
}

Problem::Parts Problem::parts(const Row& row, double size, const TokenCost& cost, double tokens) const {
  Parts parts{row.fixed, 0, 0, 0};
  switch (row.base) {
    case Base::loss:
      return parts;
    case Base::law_flop:
      parts.certain += row.scale * model_.compute(size, tokens);
      if (done() > 0) parts.certain -= row.scale * model_.compute(size, done());
      if (row.served_tokens > 0) parts.served = model_.compute(size, row.served_tokens) / 3;
      break;
    case Base::exact_flop:
      parts.certain += row.scale * cost.flop * billed(cost, size, tokens);
      break;
    case Base::wall_seconds:
      parts.timed = (row.scale * cost.seconds + row.per_joule * cost.joules) * billed(cost, size, tokens);
      break;
    case Base::epochs:
      parts.certain += row.scale * tokens;
      break;
  }
  if (row.service != nullptr) {
    const ServiceCost found = service(size, cost);
    parts.served = found.*row.service;
    parts.prefill_share = found.prefill_share;
  }
  return parts;
}

std::vector<double> Problem::values(const Row& row, double size, const TokenCost& cost, double tokens) const {
  const Parts p = parts(row, size, cost, tokens);
  const bool timed = p.timed != 0 && !time_factors_.empty();
  const bool served = p.served != 0 && lifetime_ != nullptr && lifetime_->uncertain();
  if (row.base == Base::loss || !(timed || served)) return {};
  const std::size_t draws = timed ? time_factors_.size() : static_cast<std::size_t>(model_.draws());
  std::vector<double> out;
  out.reserve(draws);
  for (std::size_t k = 0; k < draws; ++k) {
    out.push_back(p.certain + (timed ? time_factors_[k] : 1) * p.timed +
                  (served ? lifetime_->factor(k, p.prefill_share) : 1) * p.served);
  }
  return out;
}

double Problem::value(const View& view, const Row& row, double size, const TokenCost& cost,
                      double tokens) const {
  if (row.base == Base::loss) return target_loss(view, size, tokens);
  const Parts p = parts(row, size, cost, tokens);
  const bool as_limit = &row != &objective_;
  const bool served = p.served != 0 && lifetime_ != nullptr && lifetime_->uncertain();
  if (!served) return p.certain + time_factor(view, as_limit) * p.timed + p.served;
  if (view.draw != LossModel::point) {
    return p.certain + time_factor(view, as_limit) * p.timed +
           lifetime_->factor(static_cast<std::size_t>(view.draw), p.prefill_share) * p.served;
  }
  if (!view.confidence) return p.certain + p.timed + p.served;
  const std::vector<double> all = values(row, size, cost, tokens);
  return num::quantile(all, as_limit ? *view.confidence : 0.5);
}

double Problem::log_slope(const Row& row, double size, const TokenCost& cost, double tokens) const {
  const Parts p = parts(row, size, cost, tokens);
  const double total = p.certain + p.timed + p.served;
  if (row.base == Base::law_flop) {
    double gradient[2] = {0, 0};
    model_.compute(size, tokens, gradient);
    return row.scale * gradient[1] * tokens / total;
  }
  const double grows = p.timed + p.certain - row.fixed;
  return grows * (row.base == Base::epochs ? 1 : tokens / billed(cost, size, tokens)) / total;
}

double Problem::tokens_at_limit(const View& view, const Row& row, double size, const TokenCost& cost) const {
  if (row.base == Base::loss) return most_tokens;
  const double start = done();
  // what is spent whatever the tokens
  const double least = value(view, row, size, cost, start);
  const double left = row.limit - least;
  switch (row.base) {
    case Base::law_flop: {
      if (!(left > 0)) return start > 0 && left == 0 ? start : 0;
      const double spent = start > 0 ? model_.compute(size, start) : 0;
      const double tokens = model_.tokens_for(size, left / row.scale + spent);
      return std::isnan(tokens) ? 0 : tokens;
    }
    case Base::epochs:
      return (row.limit - row.fixed) / row.scale;
    default: {
      const bool sums_of_draws = row.service != nullptr && lifetime_->uncertain() && view.confidence;
      if (sums_of_draws) return tokens_by_search(view, row, size, cost, start);
      const double per_token =
          row.base == Base::exact_flop
              ? row.scale * cost.flop
              : time_factor(view, true) * (row.scale * cost.seconds + row.per_joule * cost.joules);
      if (!(per_token > 0)) return left >= 0 ? most_tokens : 0;
      return left >= 0 ? start + left / per_token : 0;
    }
  }
}

// A quantile of sums has no inverse in closed form; it grows with tokens.
double Problem::tokens_by_search(const View& view, const Row& row, double size, const TokenCost& cost,
                                 double start) const {
  auto excess = [&](double log_tokens) {
    return value(view, row, size, cost, std::exp(log_tokens)) - row.limit;
  };
  const double low = std::log(std::max(1.0, start));
  const double high = std::log(most_tokens);
  if (excess(low) > 0) return 0;
  return excess(high) <= 0 ? most_tokens : std::exp(num::find_root(excess, low, high));
}

}  // namespace scaleplan::plan
