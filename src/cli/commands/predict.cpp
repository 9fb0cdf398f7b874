#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "cli/against.hpp"
#include "cli/command.hpp"
#include "cli/forecast.hpp"
#include "cli/laws.hpp"
#include "cli/points.hpp"
#include "cli/rows.hpp"
#include "cli/values.hpp"
#include "scaleplan/fit/accuracy.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

constexpr double default_level = 0.9;

const laws::Law& law_of(const fit::Predictor& predictor) {
  return predictor.members.front().law;
}

Result<std::string> source_of(const Arguments& arguments, const Values& values) {
  const std::optional<std::string> law = values.text("--law");
  if (arguments.operands.empty() && !law) {
    return error("nothing to predict with", "name a fit (FIT or -), or a law with --law ID[:SET]");
  }
  return arguments.operands.empty() ? *law : arguments.operands.front();
}

// With a fit, --law picks among the laws that stand side by side in it.
Result<Prognosis> pick_law(Prognosis prognosis, const std::optional<std::string>& wanted) {
  std::set<std::string> names;
  for (const fit::Predictor& predictor : prognosis.predictors) {
    names.insert(law_name(predictor));
  }
  if (!wanted && names.size() <= 1) {
    return prognosis;
  }
  if (!wanted || !names.contains(*wanted)) {
    return error(wanted ? "the fit has no law '" + *wanted + "'" : "the fit holds several laws",
                 fmt::format("choose with --law: {}", fmt::join(names, ", ")));
  }
  std::erase_if(prognosis.predictors, [&](const fit::Predictor& p) { return law_name(p) != *wanted; });
  return prognosis;
}

Diagnostic no_group(const fit::Query& query, const std::vector<fit::Predictor>& predictors,
                    const std::string& key) {
  std::vector<std::string> groups;
  groups.reserve(predictors.size());
  for (const fit::Predictor& predictor : predictors) {
    groups.push_back(predictor.group);
  }
  const std::string what =
      query.group.empty() ? "the point says no group" : "the fit has no group '" + query.group + "'";
  return error(what,
               fmt::format("its groups of '{}' are {}", key.empty() ? "group" : key, fmt::join(groups, ", ")),
               query.place);
}

// the queries of each predictor by index; a fit without groups serves every point
Result<std::vector<std::vector<std::size_t>>> assign(const Prognosis& prognosis,
                                                     const std::vector<fit::Query>& queries) {
  const std::vector<fit::Predictor>& predictors = prognosis.predictors;
  std::vector<std::vector<std::size_t>> out(predictors.size());
  Diagnostics errors;
  const bool ungrouped = predictors.size() == 1 && predictors.front().group.empty();
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto found = std::find_if(predictors.begin(), predictors.end(), [&](const fit::Predictor& p) {
      return ungrouped || p.group == queries[i].group;
    });
    if (found == predictors.end()) {
      errors.push_back(no_group(queries[i], predictors, prognosis.group_by));
    } else {
      out[static_cast<std::size_t>(found - predictors.begin())].push_back(i);
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  return out;
}

Result<std::vector<fit::Prediction>> predict_all(const Prognosis& prognosis,
                                                 const std::vector<fit::Query>& queries, double level,
                                                 const Control& control) {
  const Result<std::vector<std::vector<std::size_t>>> shares = assign(prognosis, queries);
  if (!shares) {
    return shares.errors();
  }
  std::vector<fit::Prediction> out(queries.size());
  for (std::size_t p = 0; p < shares->size(); ++p) {
    std::vector<fit::Query> own;
    for (const std::size_t i : (*shares)[p]) {
      own.push_back(queries[i]);
    }
    Result<std::vector<fit::Prediction>> found = fit::predict(prognosis.predictors[p], own, level, control);
    if (!found) {
      return found.errors();
    }
    for (std::size_t k = 0; k < own.size(); ++k) {
      out[(*shares)[p][k]] = std::move((*found)[k]);
    }
  }
  return out;
}

/// The first law, reading what any member of any predictor reads.
laws::Law with_all_inputs(const Prognosis& prognosis) {
  laws::Law law = law_of(prognosis.predictors.front());
  for (const fit::Predictor& predictor : prognosis.predictors) {
    for (const fit::Member& member : predictor.members) {
      for (const laws::Input& input : member.law.inputs) {
        if (law.find_input(input.name) == nullptr) {
          law.inputs.push_back(input);
        }
      }
    }
  }
  return law;
}

report::Predictions present_of(const fit::Predictor& predictor) {
  report::Predictions out;
  out.law = law_name(predictor);
  out.law_title = law_of(predictor).title;
  for (const laws::Input& input : law_of(predictor).inputs) {
    out.inputs.push_back(input.name);
    out.dimensions.push_back(report::dimension_of(input));
  }
  return out;
}

Result<Prognosis> read_prognosis(const Arguments& arguments, const Values& values, Session& session) {
  const Result<std::string> source = source_of(arguments, values);
  if (!source) {
    return source.errors();
  }
  Result<Prognosis> prognosis = choose_prognosis(*source, session);
  if (!prognosis) {
    return prognosis.errors();
  }
  if (const std::optional<std::string> key = values.text("--group-by")) {
    prognosis->group_by = *key;
  }
  return pick_law(std::move(*prognosis), arguments.operands.empty() ? std::nullopt : values.text("--law"));
}

Result<Answer> run_against(const Arguments& arguments, const Values& values, const std::string& against,
                           Session& session) {
  const Result<std::string> source = source_of(arguments, values);
  if (!source) {
    return source.errors();
  }
  const Result<Prognosis> prognosis = choose_prognosis(*source, session);
  if (!prognosis) {
    return prognosis.errors();
  }
  return cross(*prognosis, *source, against, session);
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  if (values.text("--until")) {
    return forecast(arguments, values, session, errors);
  }
  for (const Option& option : forecast_options()) {
    if (values.text(option.name)) {
      errors.push_back(error("option '" + std::string(option.name) + "' needs --until",
                             "say when the running job ends: --until 300B"));
    }
  }
  const std::vector<std::string> paths = values.texts("--at");
  if (const std::optional<std::string> against = values.text("--against")) {
    if (!paths.empty()) {
      return error("--against tells where losses cross, --at what they are", "give one of the two");
    }
    return run_against(arguments, values, *against, session);
  }
  if (paths.empty()) {
    errors.push_back(error(
        "no points", "name the run rows to predict with --at POINTS; for a running job say --until END"));
    return errors;
  }
  Result<Prognosis> prognosis = read_prognosis(arguments, values, session);
  if (!prognosis) {
    return prognosis.errors();
  }
  laws::Law law = with_all_inputs(*prognosis);
  const RowOptions row_choice = row_options_of(values, {law}, errors);
  if (!errors.empty()) {
    return errors;
  }
  map_inputs(law, row_choice);
  Result<Rows> rows = read_rows(paths, row_choice, session);
  if (!rows) {
    return rows.errors();
  }
  const std::string group_key = prognosis->group_by.empty() ? "group" : prognosis->group_by;
  Result<Points> points = points_of(law, *rows, group_key, row_choice.read.skip_invalid);
  if (!points) {
    return points.errors();
  }
  report::Predictions out = present_of(prognosis->predictors.front());
  out.level = session.level.value_or(default_level);
  Result<std::vector<fit::Prediction>> found =
      predict_all(*prognosis, points->queries, out.level, session.control);
  if (!found) {
    return found.errors();
  }
  out.law_digest = prognosis->digest;
  out.point_digests = std::move(rows->digests);
  out.points = std::move(*found);
  out.accuracy = fit::accuracy(out.points);
  out.skipped = std::move(rows->dropped);
  out.skipped.insert(out.skipped.end(), points->dropped.begin(), points->dropped.end());
  Answer answer;
  answer.notes = std::move(rows->notes);
  for (const runs::Dropped& dropped : points->dropped) {
    answer.notes.push_back(drop_summary(dropped));
  }
  answer.report = report::present(out, session.explain);
  return answer;
}

std::vector<Option> options() {
  std::vector<Option> out = {
      {"--at", "", "POINTS", "run rows to predict (JSON, JSON Lines or CSV); an observed loss is compared",
       "", true},
      {"--law", "", "ID[:SET]|FILE", "law to predict with; with FIT, which of its laws", "", false},
      {"--against", "", "FIT|LAW|GROUP",
       "tell at what compute the compute-optimal losses of FIT and of this cross", "", false},
      {"--group-by", "", "KEY", "key that says which group of the fit a point belongs to",
       "as the fit was grouped", false},
  };
  out.insert(out.end(), forecast_options().begin(), forecast_options().end());
  out.insert(out.end(), row_options().begin(), row_options().end());
  return out;
}

}  // namespace

const Command& predict_command() {
  static const Command command = {
      "predict",
      "predict losses at given sizes and tokens, or how a running job will end",
      {{"FIT",
        "a fit that 'scaleplan fit --format json' wrote, a law file, or - for standard input; with --until "
        "the step log of a run",
        0, 1}},
      options(),
      {"scaleplan predict small-runs.fit.json --at big-runs.jsonl",
       "scaleplan fit runs.jsonl --format json | scaleplan predict - --at points.csv --format csv",
       "scaleplan predict --law chinchilla:besiroglu2024 --at points.jsonl",
       "scaleplan predict trainer_state.json --until end --explain",
       "scaleplan predict by-data-mix.fit.json --against web-v3"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
