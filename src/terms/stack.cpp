#include "scaleplan/terms/stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scaleplan/terms/term.hpp"
#include "terms/apply.hpp"

namespace scaleplan::terms {

namespace {

bool acts_on(const Technique& technique, std::string_view term) {
  return std::ranges::any_of(technique.effects, [&](const Effect& effect) { return effect.term == term; });
}

bool costs(const Technique& technique, std::string_view term) {
  return std::ranges::any_of(technique.costs,
                             [&](const Effect& cost) { return cost.term == term && cost.sized(); });
}

bool sets(const Effect& effect) {
  return effect.op == Op::set || effect.op == Op::replace_formula;
}

bool contains(const Term& whole, std::string_view part) {
  const std::string list = fmt::format(" {} ", whole.contains);
  return list.find(fmt::format(" {} ", part)) != std::string::npos;
}

/// Why the two cannot share this term; empty when they can.
std::string clash_on(const Term& term, const Technique& a, const Technique& b) {
  const auto both = [&](const auto& acts) { return acts(a) && acts(b); };
  const auto effect = [&](const Technique& t) { return acts_on(t, term.name); };
  switch (term.stacking) {
    case Stacking::one_only:
      if (both(effect)) return fmt::format("both act on {}, which takes one technique", term.name);
      break;
    case Stacking::alone:
      if (both([&](const Technique& t) { return effect(t) || costs(t, term.name); }) &&
          (effect(a) || effect(b))) {
        return fmt::format("both act on {}, which one technique replaces whole", term.name);
      }
      break;
    case Stacking::product:
      if (both([&](const Technique& t) {
            return std::ranges::any_of(t.effects,
                                       [&](const Effect& e) { return e.term == term.name && sets(e); });
          })) {
        return fmt::format("both set {}, which one technique may set and others multiply", term.name);
      }
      break;
    case Stacking::sum:
    case Stacking::maximum:
    case Stacking::minimum:
    case Stacking::never:
      break;
  }
  return {};
}

std::string whole_and_part(const Technique& a, const Technique& b) {
  if (a.paper() != b.paper()) return {};
  for (const Effect& outer : a.effects) {
    for (const Effect& inner : b.effects) {
      const Term* whole = find_term(outer.term);
      if (whole != nullptr && contains(*whole, inner.term)) {
        return fmt::format("{} already contains what the same source says of {}", outer.term, inner.term);
      }
    }
  }
  return {};
}

std::string shared_family(const Technique& a, const Technique& b) {
  const bool same_term = std::ranges::any_of(a.effects, [&](const Effect& e) { return acts_on(b, e.term); });
  if (a.paper() == b.paper() && !same_term) return {};
  for (const std::string& family : a.families) {
    if (std::ranges::find(b.families, family) != b.families.end()) {
      return fmt::format("both are of the family {}, of which one may act", family);
    }
  }
  return {};
}

/// Why two techniques cannot act together; empty when they can.
std::string clash(const Technique& a, const Technique& b) {
  if (a.id == b.id) return "it is chosen twice";
  const auto lists = [](const Technique& x, const Technique& y) {
    return std::ranges::find(x.excludes, y.id) != x.excludes.end();
  };
  if (lists(a, b) || lists(b, a)) return "they exclude each other";
  if (std::string why = shared_family(a, b); !why.empty()) return why;
  for (const Term& term : all_terms()) {
    if (std::string why = clash_on(term, a, b); !why.empty()) return why;
  }
  std::string why = whole_and_part(a, b);
  return why.empty() ? whole_and_part(b, a) : why;
}

void refuse_unusable(const Chosen& chosen, Diagnostics& diagnostics) {
  const Technique& technique = chosen.technique;
  if (technique.use == Use::best_case) {
    diagnostics.push_back(error(
        fmt::format("technique {} is a bound (\"up to\"): it can be shown, not planned on", technique.id),
        "leave it out, or bring a measured figure in a file of your own", chosen.place));
  } else if (technique.use == Use::reference) {
    diagnostics.push_back(
        error(fmt::format("technique {} enters no plan: {}", technique.id, technique.why_not), "leave it out",
              chosen.place));
  }
}

/// Sizes of sets first, then the rest; sums, maxima and minima take every size as it is.
struct Accumulator {
  const Term* term;
  Stacked result;

  void take(const std::string& technique, const Effect& effect, double size, bool cost) {
    const double before = result.value;
    double after = applied(effect.op, before, size);
    if (!cost && term->stacking == Stacking::sum) after = before + size;
    if (!cost && term->stacking == Stacking::maximum) after = std::max(before, after);
    if (!cost && term->stacking == Stacking::minimum) after = std::min(before, after);
    result.value = after;
    result.steps.push_back({technique, effect.op, cost, before, after});
  }
};

}  // namespace

Result<Stack> Stack::combine(std::vector<Chosen> chosen) {
  Diagnostics diagnostics;
  for (const Chosen& one : chosen) refuse_unusable(one, diagnostics);
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      const Technique& a = chosen[i].technique;
      const Technique& b = chosen[j].technique;
      const std::string why = clash(a, b);
      if (why.empty()) continue;
      diagnostics.push_back(error(fmt::format("techniques {} and {} cannot be combined: {}", a.id, b.id, why),
                                  "leave one of them out", chosen[j].place));
    }
  }
  if (!diagnostics.empty()) return diagnostics;
  Stack stack;
  stack.techniques_.reserve(chosen.size());
  for (Chosen& one : chosen) stack.techniques_.push_back(std::move(one.technique));
  std::ranges::sort(stack.techniques_, {}, &Technique::id);
  return stack;
}

Result<Stacked> Stack::apply(std::string_view term, double base, const std::map<std::string, double>& inputs,
                             std::string_view part) const {
  Accumulator accumulator{find_term(term), {base, {}}};
  if (accumulator.term == nullptr) return error(fmt::format("no term \"{}\"", term));
  Diagnostics diagnostics;
  const auto pass = [&](bool cost, bool setting) {
    for (const Technique& technique : techniques_) {
      for (const Effect& effect : cost ? technique.costs : technique.effects) {
        if (effect.term != term || effect.part != part || !effect.sized() || sets(effect) != setting)
          continue;
        const Result<double> size = size_of(effect, technique.id, inputs);
        if (size) {
          accumulator.take(technique.id, effect, *size, cost);
        } else {
          diagnostics.insert(diagnostics.end(), size.errors().begin(), size.errors().end());
        }
      }
    }
  };
  pass(false, true);
  pass(false, false);
  pass(true, true);
  pass(true, false);
  if (!diagnostics.empty()) return diagnostics;
  return accumulator.result;
}

std::vector<std::string> Stack::terms() const {
  std::set<std::string> found;
  for (const Technique& technique : techniques_) {
    for (const Effect& effect : technique.effects) found.insert(effect.term);
    for (const Effect& cost : technique.costs) found.insert(cost.term);
  }
  return {found.begin(), found.end()};
}

}  // namespace scaleplan::terms
