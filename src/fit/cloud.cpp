#include "fit/cloud.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fit/blend/state.hpp"
#include "scaleplan/num/cholesky.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double farthest = 3;  // in a coordinate, mostly a logarithm
constexpr double least_precision = 1e-6;
constexpr double same_budget = 0.01;

/// Decades below the top that a member saw; infinity for all rows.
double window_decades(const std::string& window) {
  double decades = 0;
  const auto [end, code] = std::from_chars(window.data(), window.data() + window.size(), decades);
  return code == std::errc{} ? decades : HUGE_VAL;
}

/// The size whose tokens at `ratio` per parameter spend `compute`.
double size_at(const laws::Allocator& allocator, double compute, double ratio) {
  double size = std::sqrt(compute / ratio);
  for (int i = 0; i < 20; ++i) {
    size *= std::sqrt(compute / allocator.compute(size, ratio * size));
  }
  return size;
}

std::vector<double> inverse(const std::vector<double>& matrix, std::size_t n) {
  const num::Cholesky factor(matrix, n);
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> unit(n, 0.0);
    unit[i] = 1;
    const std::vector<double> row = factor.solve(unit);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace

LawGradient::LawGradient(const Member& member) : member_(&member) {
  const laws::Law& law = member.law;
  const std::vector<std::string> names = law.parameter_names();
  for (std::size_t p = 0; p < law.parameters.size(); ++p) {
    const laws::Parameter& parameter = law.parameters[p];
    source_.push_back(source_of(p));
    if (!parameter.fixed && parameter.tie.empty()) {
      free_.push_back(p);
    }
  }
  program_ = expr::Program::compile(law.form, {law.input_names(), names, names, {}});
}

std::size_t LawGradient::source_of(std::size_t parameter) const {
  const std::vector<laws::Parameter>& all = member_->law.parameters;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const laws::Parameter& p) { return p.name == all[parameter].tie; });
  return found == all.end() ? parameter : static_cast<std::size_t>(found - all.begin());
}

std::vector<double> LawGradient::at(double size, double tokens) const {
  const laws::Law& law = member_->law;
  std::vector<double> inputs;
  for (const laws::Input& input : law.inputs) {
    inputs.push_back(&input == law.size()     ? size
                     : &input == law.tokens() ? tokens
                                              : input.fallback.value_or(1));
  }
  std::vector<double> all(law.parameters.size());
  const double loss = program_.at(inputs, member_->values, all);
  std::vector<double> by_source(all.size(), 0.0);
  for (std::size_t p = 0; p < all.size(); ++p) {
    by_source[source_[p]] += all[p];
  }
  std::vector<double> out;
  for (const std::size_t p : free_) {
    out.push_back(by_source[p] * (law.parameters[p].log ? member_->values[p] : 1) / loss);
  }
  return out;
}

std::vector<double> LawGradient::working(const std::vector<double>& natural) const {
  std::vector<double> out;
  for (const std::size_t p : free_) {
    out.push_back(member_->law.parameters[p].log ? std::log(natural[p]) : natural[p]);
  }
  return out;
}

std::vector<double> LawGradient::moved(const std::vector<double>& step) const {
  std::vector<double> values = member_->values;
  for (std::size_t i = 0; i < free_.size(); ++i) {
    double& value = values[free_[i]];
    value = member_->law.parameters[free_[i]].log ? value * std::exp(step[i]) : value + step[i];
  }
  for (std::size_t p = 0; p < values.size(); ++p) {
    values[p] = values[source_[p]];
  }
  return values;
}

std::vector<double> LawGradient::prior_precision() const {
  std::vector<double> out;
  for (const std::size_t p : free_) {
    const laws::BlendRole* role = member_->law.blend.get();
    const bool known = role != nullptr && role->priors.contains(member_->law.parameters[p].name);
    const double sd = known ? role->priors.at(member_->law.parameters[p].name).sd : 0;
    out.push_back(known ? 1 / (sd * sd) : 0);
  }
  return out;
}

KeptRows kept_rows(const Predictor& predictor, const Member& member, const laws::Allocator& allocator) {
  const BlendState& state = *predictor.blend;
  const double from =
      std::log(state.top_compute) - window_decades(member.window) * std::log(10.0) - same_budget;
  // features are logarithms in units of their own: those of e FLOP and of e tokens per parameter
  const double e = std::exp(1.0);
  const Feature unit = feature(e, 1, e, 1, false);
  KeptRows rows;
  for (std::size_t i = 0; i < state.rows->size(); ++i) {
    const double compute = std::exp((*state.rows)[i][0] / unit[0]);
    const double ratio = std::exp((*state.rows)[i][1] / unit[1]);
    if (std::log(compute) < from) {
      continue;
    }
    // rows that count FLOP otherwise than the law stand where the law would put them
    rows.size.push_back(size_at(allocator, compute, ratio));
    rows.tokens.push_back(ratio * rows.size.back());
    rows.weight.push_back(state.row_weights[i]);
  }
  return rows;
}

std::vector<double> row_covariance(const LawGradient& law, const KeptRows& rows, double noise) {
  const std::size_t n = law.free();
  std::vector<double> information(n * n, 0.0);
  const std::vector<double> prior = law.prior_precision();
  for (std::size_t a = 0; a < n; ++a) {
    information[a * n + a] = prior[a] + least_precision;
  }
  for (std::size_t i = 0; i < rows.size.size(); ++i) {
    const std::vector<double> j = law.at(rows.size[i], rows.tokens[i]);
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        information[a * n + b] += rows.weight[i] * j[a] * j[b] / (noise * noise);
      }
    }
  }
  return inverse(information, n);
}

std::vector<double> draw_covariance(const LawGradient& law, const Member& member) {
  const std::size_t n = law.free();
  std::vector<std::vector<double>> draws;
  std::vector<double> mean(n, 0.0);
  const auto count = static_cast<double>(member.draws.size());
  for (const std::vector<double>& draw : member.draws) {
    draws.push_back(law.working(draw));
    for (std::size_t a = 0; a < n; ++a) {
      mean[a] += draws.back()[a] / count;
    }
  }
  std::vector<double> covariance(n * n, 0.0);
  for (const std::vector<double>& draw : draws) {
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        covariance[a * n + b] += (draw[a] - mean[a]) * (draw[b] - mean[b]) / (count - 1);
      }
    }
  }
  return covariance;
}

std::vector<std::vector<double>> normal_draws(const LawGradient& law, const std::vector<double>& covariance,
                                              std::size_t count, std::uint64_t seed, std::uint64_t stream) {
  const std::size_t n = law.free();
  const num::SymmetricEigen eigen = num::symmetric_eigen(covariance, n);
  std::vector<std::vector<double>> out;
  out.reserve(count);
  for (std::size_t k = 0; k < count; ++k) {
    num::Random random(seed + stream, k);
    std::vector<double> step(n, 0.0);
    for (std::size_t e = 0; e < eigen.values.size(); ++e) {
      const double length = std::sqrt(std::max(0.0, eigen.values[e])) * random.normal();
      for (std::size_t a = 0; a < n; ++a) {
        step[a] += length * eigen.vectors[e][a];
      }
    }
    for (double& s : step) {
      s = std::clamp(s, -farthest, farthest);
    }
    out.push_back(law.moved(step));
  }
  return out;
}

}  // namespace scaleplan::fit
