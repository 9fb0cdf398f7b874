#include "cli/against.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

constexpr double default_level = 0.9;
constexpr laws::Range usual{1e17, 1e26};
constexpr double reach = 1e3;  // beyond the top of the data

struct Pair {
  const fit::Predictor* first;
  const fit::Predictor* second;
};

/// What tells one predictor of a prognosis from the others.
std::string own_name(const fit::Predictor& predictor, const Prognosis& prognosis) {
  const bool several =
      std::any_of(prognosis.predictors.begin(), prognosis.predictors.end(),
                  [&](const fit::Predictor& p) { return law_name(p) != law_name(predictor); });
  if (predictor.group.empty()) {
    return law_name(predictor);
  }
  return several ? predictor.group + ", " + law_name(predictor) : predictor.group;
}

/// From the lower end of the data to three decades beyond; the usual budgets where no data is known.
laws::Range range_of(const Pair& pair) {
  laws::Range range{0, 0};
  for (const fit::Predictor* predictor : {pair.first, pair.second}) {
    if (const auto own = predictor->range.find("C"); own != predictor->range.end()) {
      range.low = std::max(range.low, own->second.low);
      range.high = std::max(range.high, reach * own->second.high);
    }
  }
  return range.high > 0 ? range : usual;
}

std::vector<Pair> pairs_within(const Prognosis& prognosis, const std::string& against) {
  std::vector<Pair> pairs;
  for (const fit::Predictor& second : prognosis.predictors) {
    if (own_name(second, prognosis) != against) {
      continue;
    }
    for (const fit::Predictor& first : prognosis.predictors) {
      if (&first != &second) {
        pairs.push_back({&first, &second});
      }
    }
  }
  return pairs;
}

Result<std::vector<Pair>> pairs_between(const Prognosis& ours, const Prognosis& theirs) {
  std::vector<Pair> pairs;
  std::set<std::string> groups;
  for (const fit::Predictor& second : theirs.predictors) {
    groups.insert(second.group.empty() ? "(all rows)" : second.group);
    for (const fit::Predictor& first : ours.predictors) {
      if (first.group.empty() || second.group.empty() || first.group == second.group) {
        pairs.push_back({&first, &second});
      }
    }
  }
  if (pairs.empty()) {
    return error("the two fits have no group in common",
                 fmt::format("the groups of the second are {}", fmt::join(groups, ", ")));
  }
  return pairs;
}

}  // namespace

Result<Answer> cross(const Prognosis& prognosis, const std::string& source, const std::string& against,
                     Session& session) {
  std::vector<Pair> pairs = pairs_within(prognosis, against);
  Prognosis other;
  const bool within = !pairs.empty();
  if (!within) {
    Result<Prognosis> read = choose_prognosis(against, session);
    if (!read) {
      Diagnostics errors = read.errors();
      if (prognosis.predictors.size() > 1) {
        std::vector<std::string> names;
        for (const fit::Predictor& predictor : prognosis.predictors) {
          names.push_back(own_name(predictor, prognosis));
        }
        errors.push_back(error(fmt::format("nor is \"{}\" a group of {}", against, source),
                               fmt::format("its groups are {}", fmt::join(names, ", "))));
      }
      return errors;
    }
    other = std::move(*read);
    Result<std::vector<Pair>> between = pairs_between(prognosis, other);
    if (!between) {
      return between.errors();
    }
    pairs = std::move(*between);
  }
  const auto name = [&](const fit::Predictor& predictor, const Prognosis& side, const std::string& file) {
    const std::string own = own_name(predictor, side);
    return within ? own : side.catalogue.empty() ? file + ": " + own : side.catalogue;
  };
  report::Crossings out;
  out.level = session.level.value_or(default_level);
  for (const Pair& pair : pairs) {
    const laws::Range range = range_of(pair);
    Result<fit::Crossover> found =
        fit::crossover(*pair.first, *pair.second, range, out.level, session.control);
    if (!found) {
      return found.errors();
    }
    out.all.push_back({name(*pair.first, prognosis, source),
                       name(*pair.second, within ? prognosis : other, against), range, std::move(*found)});
  }
  Answer answer;
  answer.report = report::present(out);
  return answer;
}

}  // namespace scaleplan::cli
