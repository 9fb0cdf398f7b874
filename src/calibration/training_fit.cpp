#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "calibration/log_fit.hpp"
#include "calibration/training_predict.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::calibration {
namespace {

using training::Efficiency;
using training::Factor;

constexpr std::size_t fewest_publishers = 3;

// A constant with what is known of it before any run: median, sd of the logarithm, bounds.
struct Prior {
  const char* name;
  double median;
  double sd;
  double lower;
  double upper;
};
constexpr Prior gemm_prior{"gemm", 0.72, 0.25, 0.2, 1.0};  // best multiplications: 0.5 to 0.97 of peak
// systolic arrays lose to padding, which is counted, and little else: Gaudi 2 reaches 0.97
constexpr Prior systolic_prior{"gemm", 0.85, 0.25, 0.2, 1.0};
constexpr Prior attention_prior{"attention", 0.3, 0.5, 0.05,
                                0.9};  // arXiv:2307.08691: up to 0.73 without mask
constexpr std::array priors = {
    Prior{"fp8", 0.9, 0.1, 0.5, 1.0},
    Prior{"short_k", 150, 0.4, 10, 1000},
    Prior{"attention_cudnn", 1.6, 0.25, 1, 3},  // arXiv:2407.08608: 1.5 to 2.0 forward, 1.5 to 1.75 backward
    Prior{"elementwise", 2.5, 0.3, 0.5, 8},
    Prior{"elementwise_fused", 1.8, 0.3, 0.5, 8},
    Prior{"nic", 0.75, 0.15, 0.3, 1.0},
    Prior{"ring_step_s", 1.2e-5, 0.4, 1e-6, 1e-4},
    Prior{"fsdp_overlap", 0.85, 0.15, 0.1, 1.0},
    Prior{"dp_overlap", 0.6, 0.4, 0.05, 1.0},
    Prior{"p2p_exposed", 0.5, 0.5, 0.01, 1.0},
    Prior{"scale_loss", 0.01, 0.5, 1e-4, 0.1},
    Prior{"deepspeed_compute", 1.1, 0.1, 1, 1.6},
    Prior{"deepspeed_reduction", 2, 0.7, 0.5, 6},
};
constexpr Prior moe_prior{"moe_gemm", 0.5, 0.4, 0.1, 1.5};
// What these runs cannot tell apart from the rest: ring bus bandwidth over nominal (ml-engineering
// network/README.md), 4-bit kernels and the fused element-wise kernels of XLA (step-time trials).
constexpr std::array fixed = {Prior{"link", 0.80, 0.05, 0, 0}, Prior{"fp4", 0.7, 0.2, 0, 0},
                              Prior{"elementwise_tpu", 0.7, 0.2, 0, 0}, Prior{"site", 1, 0, 0, 0}};
constexpr double assumed_between = 0.1;  // of sources, for the weights of the fit
constexpr double assumed_within = 0.07;

// A constant being fitted and where it stands.
struct Slot {
  Prior prior;
  std::string family;  // of "gemm" and "attention"
};

Factor& at(Efficiency& efficiency, const Slot& slot) {
  if (slot.family.empty()) {
    return efficiency.factors[slot.prior.name];
  }
  return (slot.prior.name == std::string_view("gemm") ? efficiency.gemm : efficiency.attention)[slot.family];
}

Efficiency with(Efficiency efficiency, const std::vector<Slot>& slots, std::span<const double> values) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    at(efficiency, slots[i]).value = values[i];
  }
  return efficiency;
}

std::vector<const TrainingCase*> usable(const std::vector<TrainingCase>& cases, bool mixtures) {
  std::vector<const TrainingCase*> out;
  for (const TrainingCase& c : cases) {
    if (c.step_time_s && c.score == "main" && c.mixture() == mixtures) {
      out.push_back(&c);
    }
  }
  return out;
}

std::vector<Slot> slots_for(const std::vector<const TrainingCase*>& cases) {
  std::map<std::string, Prior> gemm;
  std::set<std::string> flash;
  for (const TrainingCase* c : cases) {
    const std::string& family = c->job.machine.device.family;
    gemm.emplace(family, c->job.machine.device.multiprocessors > 0 ? gemm_prior : systolic_prior);
    if (c->job.attention != training::AttentionKernel::unfused) {
      flash.insert(family);
    }
  }
  std::vector<Slot> out;
  out.reserve(gemm.size() + flash.size() + std::size(priors));
  for (const auto& [family, prior] : gemm) {
    out.push_back({prior, family});
  }
  for (const std::string& family : flash) {
    out.push_back({attention_prior, family});
  }
  for (const Prior& prior : priors) {
    out.push_back({prior, ""});
  }
  return out;
}

// What a family without runs takes: the geometric mean of the others, as uncertain as they differ.
Factor pooled(const std::map<std::string, Factor, std::less<>>& families) {
  std::vector<double> logs;
  logs.reserve(families.size());
  for (const auto& [family, factor] : families) {
    logs.push_back(std::log(factor.value));
  }
  return {std::exp(num::mean(logs)), std::max(0.15, num::standard_deviation(logs))};
}

void fit_constants(Efficiency& efficiency, const std::vector<Slot>& slots,
                   const std::vector<const TrainingCase*>& cases, const Control& control) {
  const std::vector<Source> sources = by_source(cases);
  LogFit problem;
  problem.residuals = [&](std::span<const double> values) {
    return whitened(log_ratios(cases, with(efficiency, slots, values)), sources, efficiency);
  };
  problem.weights.assign(cases.size(), 1);
  for (const Slot& slot : slots) {
    problem.start.push_back(slot.prior.median);
    problem.lower.push_back(slot.prior.lower);
    problem.upper.push_back(slot.prior.upper);
    problem.prior_sds.push_back(slot.prior.sd);
  }
  problem.noise = 1;
  problem.huber = 2;
  const LogEstimate estimate = fit_logs(problem, control);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    at(efficiency, slots[i]) = {estimate.values[i], estimate.log_se[i]};
  }
}

// Bühlmann's credibility: the share of the mean log ratio that is the site's own.
void fit_site(Efficiency& efficiency, const std::vector<const TrainingCase*>& cases) {
  const std::vector<double> ratios = log_ratios(cases, efficiency);
  const double between = efficiency.between_sources * efficiency.between_sources;
  const double within = efficiency.within_source * efficiency.within_source;
  const double k = static_cast<double>(cases.size());
  const double credibility = k * between / (k * between + within);
  // a ratio is predicted over measured
  Factor& site = efficiency.factors["site"];
  site.value *= std::exp(-credibility * num::mean(ratios));
  site.log_se = std::sqrt(between * (1 - credibility));
  efficiency.between_sources = site.log_se;
}

}  // namespace

Efficiency fit_training(const std::vector<TrainingCase>& cases, const Efficiency& start,
                        const Control& control) {
  Efficiency out = start;
  const std::vector<const TrainingCase*> dense = usable(cases, false);
  const std::vector<const TrainingCase*> mixtures = usable(cases, true);
  if (by_source(dense).size() < fewest_publishers) {
    if (const auto& own = dense.empty() ? mixtures : dense; !own.empty()) {
      fit_site(out, own);
    }
    return out;
  }
  out.factors = {{moe_prior.name, {moe_prior.median, moe_prior.sd}}};
  for (const Prior& constant : fixed) {
    out.factors[constant.name] = {constant.median, constant.sd};
  }
  for (const Prior& constant : priors) {
    out.factors[constant.name] = {constant.median, constant.sd};
  }
  out.between_sources = assumed_between;
  out.within_source = assumed_within;
  out.gemm = {{"pooled", {gemm_prior.median, gemm_prior.sd}}};
  out.attention = {{"pooled", {attention_prior.median, attention_prior.sd}}};
  const std::vector<Slot> slots = slots_for(dense);
  fit_constants(out, slots, dense, control);
  for (auto* families : {&out.gemm, &out.attention}) {
    families->erase("pooled");
    if (!families->empty()) {
      families->emplace("pooled", pooled(*families));
    } else {
      families->emplace("pooled", Factor{attention_prior.median, attention_prior.sd});
    }
  }
  if (!mixtures.empty()) {
    fit_constants(out, {{moe_prior, ""}}, mixtures, control);
  }
  return out;
}

}  // namespace scaleplan::calibration
