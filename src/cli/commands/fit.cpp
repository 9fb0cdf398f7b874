#include "scaleplan/fit/fit.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/laws.hpp"
#include "cli/plots.hpp"
#include "cli/rows.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/fit/blend.hpp"
#include "scaleplan/fit/loss_path.hpp"
#include "scaleplan/report/plot.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

struct Request {
  fit::Options options;
  std::vector<laws::Law> laws;
  std::vector<laws::Law> blend;  ///< not empty: blend these, the first one readable
  std::string group_by;
  bool require_identified = false;
};

constexpr std::string_view automatic = "auto";

std::vector<laws::Law> read_laws(const std::vector<std::string>& names, Session& session,
                                 Diagnostics& errors) {
  std::vector<laws::Law> out;
  for (const std::string& name : names) {
    if (name == automatic) {
      continue;
    }
    Result<laws::Selection> selection = choose_law(name, session);
    if (selection) {
      out.push_back(std::move(selection->law));
    } else {
      errors.insert(errors.end(), selection.errors().begin(), selection.errors().end());
    }
  }
  return out;
}

// KEY or KEY~TOLERANCE
void read_cluster_key(const std::string& text, fit::Options& options, Diagnostics& errors) {
  options.cluster_by = text;
  const std::size_t tilde = text.rfind('~');
  if (tilde == std::string::npos) {
    return;
  }
  const Result<double> tolerance = parse_quantity(text.substr(tilde + 1), Dimension::fraction);
  if (!tolerance || !(*tolerance > 0 && *tolerance < 1)) {
    errors.push_back(error("option '--cluster-by': the tolerance after '~' lies between 0 and 1, got \"" +
                               text.substr(tilde + 1) + "\"",
                           "write for example --cluster-by params~0.01"));
    return;
  }
  options.cluster_by = text.substr(0, tilde);
  options.cluster_tolerance = *tolerance;
}

void read_uncertainty(Values& values, fit::Options& options, Diagnostics& errors) {
  constexpr std::int64_t most_resamples = 1000000;
  static const std::vector<std::string> uncertainties = {"bootstrap", "profile"};
  static const std::vector<std::string> resamplings = {"pairs", "cluster", "wild"};
  static const std::vector<std::string> weights = {"rows", "equal"};
  const auto draws = values.whole("--bootstrap", 0, most_resamples);
  const auto how = values.choice("--uncertainty", uncertainties);
  const auto resampling = values.choice("--resample", resamplings);
  if (resampling) {
    options.resampling = static_cast<fit::Resampling>(*resampling + 1);
  }
  if (const auto key = values.text("--cluster-by")) {
    read_cluster_key(*key, options, errors);
  }
  options.equal_clusters = values.choice("--cluster-weight", weights).value_or(0) == 1;
  options.bootstrap = static_cast<int>(draws.value_or(options.bootstrap));
  if (how.value_or(0) == 1) {
    options.uncertainty = fit::Uncertainty::profile;
    options.bootstrap = 0;
    if (draws.value_or(0) > 0 || resampling) {
      errors.push_back(error("a profile takes no resamples", "leave --bootstrap and --resample away"));
    }
  }
  if (options.resampling == fit::Resampling::pairs && !options.cluster_by.empty()) {
    errors.push_back(error("'--resample pairs' takes every row alone, '--cluster-by' takes rows together",
                           "leave one of them away"));
  }
}

Request read_request(Values& values, Session& session, Diagnostics& errors) {
  Request out;
  read_uncertainty(values, out.options, errors);
  out.options.level = session.level.value_or(out.options.level);
  out.options.seed = session.seed.value_or(out.options.seed);
  out.options.include_outliers = values.flag("--include-outliers");
  out.options.at_flop = values.positives("--at-flop", Dimension::flop);
  out.group_by = values.text("--group-by").value_or("");
  static const std::vector<std::string> requirements = {"identified"};
  out.require_identified = values.choice("--require", requirements).has_value();
  const std::vector<std::string> names = values.texts("--law");
  out.laws = read_laws(names, session, errors);
  if (names.empty() || std::find(names.begin(), names.end(), automatic) != names.end()) {
    Result<std::vector<laws::Law>> blend = blend_laws(session);
    if (blend) {
      out.blend = std::move(*blend);
    } else {
      errors.insert(errors.end(), blend.errors().begin(), blend.errors().end());
    }
  }
  return out;
}

// each group by name; one nameless group without --group-by
Result<std::map<std::string, runs::Table>> split(const runs::Table& table, const std::string& key) {
  std::map<std::string, runs::Table> out;
  if (key.empty()) {
    out.emplace("", table);
    return out;
  }
  const Result<std::map<std::string, std::vector<std::size_t>>> groups = runs::group_by(table, key);
  if (!groups) {
    return groups.errors();
  }
  for (const auto& [name, rows] : *groups) {
    out.emplace(name, runs::select(table, rows));
  }
  return out;
}

Result<fit::Fit> fit_all(const Request& request, const std::map<std::string, runs::Table>& groups,
                         const Control& control) {
  fit::Fit out;
  out.options = request.options;
  Diagnostics errors;
  for (const auto& [group, table] : groups) {
    const auto keep = [&, &name = group](Result<fit::LawFit> fitted) {
      if (fitted) {
        fitted->predictor.group = name;
        out.fits.push_back(std::move(*fitted));
        return;
      }
      for (Diagnostic failure : fitted.errors()) {
        failure.message = (name.empty() ? "" : request.group_by + " '" + name + "': ") + failure.message;
        errors.push_back(std::move(failure));
      }
    };
    if (!request.blend.empty()) {
      keep(fit::fit_blend(request.blend.front(), request.blend, table, request.options, control));
    }
    for (const laws::Law& law : request.laws) {
      keep(fit::fit_law(law, table, request.options, control));
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  return out;
}

// the runs and the law beyond them, as far as the fit tells its optima
report::Section plot_section(const fit::LawFit& fit) {
  constexpr std::size_t points = 61;
  const fit::Predictor& predictor = fit.predictor;
  const std::string& law = predictor.members.front().law.id;
  report::Section section{predictor.group.empty() ? "Loss of " + law
                                                  : "Loss of " + law + ", " + predictor.group};
  const auto range = predictor.range.find("C");
  if (range == predictor.range.end()) {
    section.lines = {"Nothing to plot: the law counts no FLOP."};
    return section;
  }
  laws::Range shown = range->second;
  for (const fit::Optimum& optimum : fit.optimum) {
    shown.high = std::max(shown.high, optimum.compute);
  }
  section.figure =
      plot(report::loss_plot(predictor.runs, fit::loss_path(predictor, shown, points)), plot_style());
  return section;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  Request request = read_request(values, session, errors);
  std::vector<laws::Law> all = request.laws;
  all.insert(all.end(), request.blend.begin(), request.blend.end());
  const RowOptions row_choice = row_options_of(values, all, errors);
  if (!errors.empty()) {
    return errors;
  }
  for (const auto& [name, column] : row_choice.inputs) {
    request.options.map[name] = column;
  }
  if (row_choice.read.map.contains("weight")) {
    request.options.weight = "weight";
  }
  for (std::vector<laws::Law>* list : {&request.laws, &request.blend}) {
    for (laws::Law& law : *list) {
      map_inputs(law, row_choice);
    }
  }
  Result<Rows> rows = read_rows(arguments.operands, row_choice, session);
  if (!rows) {
    return rows.errors();
  }
  const Result<std::map<std::string, runs::Table>> groups = split(rows->table, request.group_by);
  if (!groups) {
    return groups.errors();
  }
  Result<fit::Fit> fit = fit_all(request, *groups, session.control);
  if (!fit) {
    return fit.errors();
  }
  Answer answer;
  answer.notes = std::move(rows->notes);
  answer.report = report::present(*fit, {request.group_by, rows->dropped}, session.explain);
  if (values.flag("--plot")) {
    std::vector<report::Section> plots;
    for (const fit::LawFit& each : fit->fits) {
      plots.push_back(plot_section(each));
    }
    answer.report.sections.insert(answer.report.sections.begin(), plots.begin(), plots.end());
  }
  for (const fit::LawFit& each : fit->fits) {
    if (request.require_identified && each.verdict == fit::Verdict::not_identified) {
      answer.outcome = Outcome::no;
      answer.notes.push_back("not identified: " + each.verdict_reason);
    }
  }
  return answer;
}

std::vector<Option> options() {
  std::vector<Option> out = {
      {"--law", "", "ID|FILE",
       "law to fit; several stand side by side; auto: a blend of laws weighed by how well they extrapolate",
       "auto", true},
      {"--bootstrap", "", "N", "resamples for intervals; 0: none", "1000", false},
      {"--at-flop", "", "C,...", "compute at which best size, tokens and loss are told",
       "top of the data ×1, ×10, ×100", true},
      {"--group-by", "", "KEY", "fit each value of KEY by itself", "", false},
      {"--uncertainty", "", "HOW", "intervals by bootstrap, or by profile (quick; covers too little)",
       "bootstrap", false},
      {"--resample", "", "WHAT",
       "pairs: rows; cluster: all rows of a cluster; wild: flip residuals by cluster",
       "cluster where run ids repeat, else pairs", false},
      {"--cluster-by", "", "KEY[~TOL]",
       "resample rows with the same KEY together; numbers within the share TOL count as the same", "run",
       false},
      {"--cluster-weight", "", "HOW",
       "rows: every row counts; equal: every cluster counts as one observation", "rows", false},
      {"--include-outliers", "", "", "use rows that the file flags as outliers", "", false},
      {"--require", "", "identified", "exit with status 1 when the rows do not determine the law", "", false},
      plot_option(),
  };
  out.insert(out.end(), row_options().begin(), row_options().end());
  return out;
}

}  // namespace

const Command& fit_command() {
  static const Command command = {
      "fit",
      "fit scaling laws to run logs, with intervals and diagnostics",
      {{"RUNS", "run logs (JSON, JSON Lines or CSV), or - for standard input", 1, 0}},
      options(),
      {"scaleplan fit runs.jsonl --law chinchilla --at-flop 1e22,1e24",
       "scaleplan fit runs.csv --map loss=eval/loss --group-by dataset --format json -o small-runs.fit.json",
       "scaleplan fit runs.jsonl --format json | scaleplan plan scenario.json --law -"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
