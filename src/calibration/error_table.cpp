#include "scaleplan/calibration/error_table.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::calibration {
namespace {

constexpr std::size_t few = 2;  // cases with which a publisher shares a vote

std::string key_of(const Comparison& c) {
  if (c.score == "apart") {
    return c.quantity + "/apart";
  }
  return c.group.empty() || c.group == "dense" ? c.quantity : c.quantity + "/" + c.group;
}

struct Votes {
  double absolute = 0;
  double signed_error = 0;
};

// Mean over publishers of their means.
Votes votes(const std::map<std::string, std::vector<double>>& by_publisher) {
  std::vector<std::vector<double>> voters;
  std::vector<double> small;
  for (const auto& [publisher, errors] : by_publisher) {
    if (errors.size() <= few) {
      small.insert(small.end(), errors.begin(), errors.end());
    } else {
      voters.push_back(errors);
    }
  }
  if (!small.empty()) {
    voters.push_back(small);
  }
  Votes out;
  for (const std::vector<double>& errors : voters) {
    for (const double error : errors) {
      const double weight = 1 / static_cast<double>(errors.size() * voters.size());
      out.absolute += weight * std::fabs(error);
      out.signed_error += weight * error;
    }
  }
  return out;
}

ErrorLine line_of(const std::vector<const Comparison*>& cases) {
  ErrorLine out;
  out.cases = static_cast<long>(cases.size());
  std::vector<double> absolute;
  std::map<std::string, std::vector<double>> by_publisher;
  long with_interval = 0;
  long inside = 0;
  long near = 0;
  absolute.reserve(cases.size());
  for (const Comparison* c : cases) {
    const double error = c->relative_error();
    absolute.push_back(std::fabs(error));
    by_publisher[c->publisher].push_back(error);
    near += c->predicted <= 2 * c->measured && c->measured <= 2 * c->predicted ? 1 : 0;
    if (c->interval_low && c->interval_high) {
      ++with_interval;
      inside += *c->interval_low <= c->measured && c->measured <= *c->interval_high ? 1 : 0;
    }
  }
  const Votes mean = votes(by_publisher);
  out.mean_abs = num::mean(absolute);
  out.median_abs = num::median(absolute);
  out.max_abs = *std::max_element(absolute.begin(), absolute.end());
  out.bias = mean.signed_error;
  out.mean_over_publishers = mean.absolute;
  out.within_factor_two = static_cast<double>(near) / static_cast<double>(cases.size());
  if (with_interval > 0) {
    out.coverage = static_cast<double>(inside) / static_cast<double>(with_interval);
  }
  return out;
}

}  // namespace

void summarise(Scores& scores) {
  std::map<std::string, std::vector<const Comparison*>> by_key;
  std::map<std::string, std::map<std::string, std::vector<const Comparison*>>> apart;
  for (const Comparison& c : scores.cases) {
    const std::string key = key_of(c);
    by_key[key].push_back(&c);
    apart[key][c.publisher].push_back(&c);
  }
  scores.error.clear();
  scores.by_publisher.clear();
  for (const auto& [key, cases] : by_key) {
    scores.error[key] = line_of(cases);
    for (const auto& [publisher, own] : apart[key]) {
      scores.by_publisher[key][publisher] = line_of(own);
    }
  }
}

}  // namespace scaleplan::calibration
