#include "scaleplan/plan/hyperparameters.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double worth_a_warning = 2;

// Laws of text models trained with AdamW whose coefficients were read or recomputed. The first is the default
// of its kind.
const std::vector<std::string> batch_panel{"li2025-batch", "bi2024-batch", "liu2025-batch",
                                           "schaipp2026-batch", "porian2024-batch"};
const std::vector<std::string> critical_panel{"zhang2024-critical-batch:chinchilla-path",
                                              "zhang2024-critical-batch-data:fixed-size"};
const std::vector<std::string> rate_panel{"li2025-learning-rate", "bi2024-learning-rate",
                                          "liu2025-learning-rate", "porian2024-learning-rate"};

// Beyond these the rate of li2025 is above what production runs and the two compute laws use (by 2.5 at 7B).
constexpr double li2025_most_params = 1.07e9;
constexpr double li2025_most_tokens = 1e12;

constexpr double RunSize::*no_field = nullptr;

// The member that a column reads; none: another column, of which `flops` is known all the same.
double RunSize::*field_of(const std::string& column) {
  static const std::map<std::string, double RunSize::*> fields{
      {"params", &RunSize::params},
      {"active_params", &RunSize::active_params},
      {"non_embedding_params", &RunSize::non_embedding_params},
      {"active_non_embedding_params", &RunSize::active_non_embedding_params},
      {"head_no_embedding_params", &RunSize::head_no_embedding_params},
      {"tokens", &RunSize::tokens},
      {"loss", &RunSize::loss}};
  auto found = fields.find(column);
  return found == fields.end() ? no_field : found->second;
}

// Which expression of a law is tokens per step (or a plain rate); empty: none.
std::string quantity_of(const laws::Law& law, const std::string& kind) {
  const char* preferred = kind == "critical_batch" ? "doubling_tokens" : "tokens";
  if (law.definitions.contains(preferred)) return preferred;
  if (law.definitions.contains("tokens")) return "tokens";
  const std::string unit = kind == "learning_rate" ? "1" : "tokens";
  return law.output.unit == unit ? law.output.name : "";
}

// The law of the critical batch was fitted on 20 tokens per parameter: what the batch follows is the data
// (arXiv:2410.21676 section 3.3).
RunSize on_path(RunSize run) {
  run.non_embedding_params = run.tokens / 20;
  return run;
}

double decades_out(double value, const laws::Range& range) {
  if (!(range.low <= range.high) || !(range.low > 0)) return unknown;
  return std::max({0.0, std::log10(range.low / value), std::log10(value / range.high)});
}

double geometric_mean(const std::vector<Advice>& advice) {
  double sum = 0;
  double count = 0;
  for (const Advice& a : advice) {
    if (!a.used) continue;
    sum += std::log(a.value);
    ++count;
  }
  return std::exp(sum / count);
}

bool use(std::vector<Advice>& advice, std::string_view law) {
  bool any = false;
  for (Advice& a : advice) {
    a.used = a.used || a.law.starts_with(law);
    any = any || a.used;
  }
  return any;
}

}  // namespace

double Recommendation::spread() const {
  if (advice.empty()) return 1;
  auto [low, high] = std::minmax_element(advice.begin(), advice.end(),
                                         [](const Advice& a, const Advice& b) { return a.value < b.value; });
  return high->value / low->value;
}

RunSize run_size(const model::Parameters& params, double tokens, double loss) {
  auto real = [](std::int64_t n) { return static_cast<double>(n); };
  return {real(params.total),
          real(params.active),
          real(params.non_embedding),
          real(params.active_non_embedding),
          real(params.head_no_embedding),
          tokens,
          loss};
}

Result<HyperparameterLaws> HyperparameterLaws::build(const Scenario& scenario,
                                                     const json::Catalogue& catalogue) {
  HyperparameterLaws out;
  Diagnostics errors;
  auto add = [&](Panel& panel, const std::string& name, const std::string& kind, const Place& place) {
    auto fail = [&](std::string what, std::string remedy) {
      errors.push_back(error(std::move(what), std::move(remedy), place));
    };
    Result<laws::Selection> selected = laws::select_law(catalogue, name);
    if (!selected) {
      for (Diagnostic found : selected.errors()) {
        if (found.place.file.empty()) found.place = place;
        errors.push_back(std::move(found));
      }
      return;
    }
    const laws::Law& law = selected->law;
    const laws::Set* set = law.find_set(selected->set);
    if (law.kind != kind) {
      return fail(fmt::format("law \"{}\" is of kind {}, not {}", law.id, law.kind, kind),
                  "scaleplan show laws lists them by kind");
    }
    const std::string quantity = quantity_of(law, kind);
    if (set == nullptr || quantity.empty()) {
      return fail(fmt::format("law \"{}\" does not say how many tokens a step has", law.id),
                  "choose another, or one with coefficients");
    }
    Voice voice{law.id + ":" + set->id, laws::Formula(law, *set, quantity), {}, {}};
    for (const laws::Input& input : law.inputs) {
      const Heard heard{field_of(input.column), input.column == "flops", input.fallback.value_or(unknown)};
      if (std::isnan(heard.of({1, 1, 1, 1, 1, 1, 1}))) {
        return fail(fmt::format("law \"{}\" needs {}, which a plan does not know", law.id, input.name),
                    "choose another law");
      }
      auto range = set->range.find(input.name);
      voice.inputs.push_back(heard);
      voice.range.push_back(range == set->range.end() ? laws::Range{1, 0} : range->second);
    }
    if (voice.inputs.size() > most_inputs) {
      return fail(
          fmt::format("law \"{}\" has {} inputs, more than {}", law.id, voice.inputs.size(), most_inputs),
          "choose another law");
    }
    panel.voices.push_back(std::move(voice));
  };
  auto fill = [&](Panel& panel, const std::string& kind, const std::vector<std::string>& defaults) {
    auto named = scenario.hyperparameter_laws.find(kind);
    if (named != scenario.hyperparameter_laws.end()) {
      add(panel, named->second.name, kind, named->second.place);
      if (!panel.voices.empty()) panel.chosen.push_back(panel.voices.front().name);
    }
    for (const std::string& name : defaults) {
      const bool there = !panel.chosen.empty() && panel.chosen.front().starts_with(name);
      if (!there) add(panel, name, kind, {});
    }
  };
  fill(out.batch_, "batch", batch_panel);
  fill(out.critical_, "critical_batch", critical_panel);
  fill(out.rate_, "learning_rate", rate_panel);
  if (!errors.empty()) return errors;
  return out;
}

double HyperparameterLaws::Heard::of(const RunSize& run) const {
  if (flops) return 6 * run.active_non_embedding_params * run.tokens;
  return field == no_field ? fallback : run.*field;
}

double HyperparameterLaws::Voice::value(const RunSize& run) const {
  std::array<double, most_inputs> heard{};
  for (std::size_t i = 0; i < inputs.size(); ++i) heard[i] = inputs[i].of(run);
  return formula.at(std::span(heard).first(inputs.size()));
}

Advice HyperparameterLaws::ask(const Voice& voice, const RunSize& run) {
  Advice advice{voice.name, voice.value(run), 0, false};
  for (std::size_t i = 0; i < voice.inputs.size(); ++i) {
    const double out = decades_out(voice.inputs[i].of(run), voice.range[i]);
    advice.decades_outside = std::isnan(out) || std::isnan(advice.decades_outside)
                                 ? unknown
                                 : std::max(advice.decades_outside, out);
  }
  return advice;
}

double HyperparameterLaws::batch_tokens(const RunSize& run) const {
  const double value = batch_.voices.front().value(run);
  return batch_.chosen.empty() ? std::min(value, critical_tokens(run)) : value;
}

double HyperparameterLaws::critical_tokens(const RunSize& run) const {
  return critical_.voices.front().value(critical_.chosen.empty() ? on_path(run) : run);
}

std::vector<Advice> HyperparameterLaws::ask_all(const Panel& panel, const RunSize& run) {
  std::vector<Advice> advice;
  for (const Voice& voice : panel.voices) {
    Advice heard = ask(voice, run);
    heard.used = !panel.chosen.empty() && voice.name == panel.chosen.front();
    if (heard.used || (std::isfinite(heard.value) && heard.value > 0)) advice.push_back(std::move(heard));
  }
  return advice;
}

Recommendation HyperparameterLaws::batch(const RunSize& run) const {
  Recommendation out{0, "as the scenario names", ask_all(batch_, run)};
  if (batch_.chosen.empty()) {
    use(out.advice, batch_panel.front());
    out.rule = "batch of the lowest loss at these tokens (arXiv:2503.04715)";
  }
  out.value = geometric_mean(out.advice);
  const double most = critical_batch(run).value;
  if (batch_.chosen.empty() && out.value > most) {
    out.value = most;
    out.rule += ", held at the critical batch";
  }
  return out;
}

Recommendation HyperparameterLaws::critical_batch(const RunSize& run) const {
  Recommendation out{0, "as the scenario names", {}};
  if (critical_.chosen.empty()) {
    out.rule = "arXiv:2410.21676 at 20 tokens per parameter, times 5 for twice the data";
  }
  out.advice = ask_all(critical_, critical_.chosen.empty() ? on_path(run) : run);
  if (critical_.chosen.empty()) use(out.advice, critical_panel.front());
  out.value = geometric_mean(out.advice);
  return out;
}

Recommendation HyperparameterLaws::learning_rate(const RunSize& run) const {
  RunSize counted = run;
  // a sparse mixture counts every expert unless more than half of it is active (notes of the law)
  if (run.active_non_embedding_params > run.non_embedding_params / 2) {
    counted.non_embedding_params = run.active_non_embedding_params;
  }
  Recommendation out{0, "as the scenario names", ask_all(rate_, counted)};
  if (rate_.chosen.empty()) {
    const bool small = counted.non_embedding_params <= li2025_most_params && run.tokens <= li2025_most_tokens;
    if (small) {
      use(out.advice, rate_panel[0]);
      out.rule = "arXiv:2503.04715, within its range";
    } else {
      use(out.advice, rate_panel[1]);
      use(out.advice, rate_panel[2]);
      out.rule = "geometric mean of arXiv:2401.02954 and arXiv:2502.16982, beyond 1B parameters or 1T tokens";
      const double least = out.advice.front().value;
      if (least < geometric_mean(out.advice)) {
        for (Advice& a : out.advice) a.used = false;
        use(out.advice, rate_panel[0]);
        out.rule = "arXiv:2503.04715, below the laws in compute (arXiv:2401.02954, arXiv:2502.16982)";
      }
    }
  }
  out.value = geometric_mean(out.advice);
  return out;
}

std::string disagreement(const std::string& what, const Recommendation& recommendation) {
  if (recommendation.spread() <= worth_a_warning) return {};
  auto [low, high] = std::minmax_element(recommendation.advice.begin(), recommendation.advice.end(),
                                         [](const Advice& a, const Advice& b) { return a.value < b.value; });
  return fmt::format("laws of {} disagree by a factor of {:.1f} ({} {}, {} {}); used {}: {}", what,
                     recommendation.spread(), low->law, format_number(low->value, 3), high->law,
                     format_number(high->value, 3), format_number(recommendation.value, 3),
                     recommendation.rule);
}

}  // namespace scaleplan::plan
