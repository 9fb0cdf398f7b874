#include "cli/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/laws.hpp"
#include "cli/rows.hpp"
#include "scaleplan/fit/curve.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

constexpr double default_level = 0.9;

Result<fit::CurveEnd> end_of(const std::string& text) {
  using Unit = fit::CurveEnd::Unit;
  constexpr std::string_view steps = "steps";
  if (text == "end") {
    return fit::CurveEnd{Unit::planned, 0};
  }
  const bool in_steps = text.ends_with(steps);
  const std::string number =
      in_steps ? text.substr(0, text.find_last_not_of(' ', text.size() - steps.size() - 1) + 1) : text;
  const Result<double> value = parse_quantity(number, Dimension::tokens);
  if (!value || !(*value > 0)) {
    return error(fmt::format("option '--until': got \"{}\"", text),
                 "write tokens (300B), steps (20000steps), or end for the end that the log plans");
  }
  return fit::CurveEnd{in_steps ? Unit::steps : Unit::tokens, *value};
}

/// Laws of the catalogue that take a schedule of learning rates, or the one that was named.
Result<std::vector<laws::Law>> schedule_laws(const std::optional<std::string>& named, Session& session) {
  const auto takes_schedule = [](const laws::Law& law) {
    return std::all_of(law.inputs.begin(), law.inputs.end(),
                       [](const laws::Input& input) {
                         return input.name == "lr" || input.name == "lr_sum" || input.name == "stride";
                       }) &&
           law.find_input("lr") != nullptr;
  };
  std::vector<laws::Law> out;
  if (named) {
    Result<laws::Selection> selection = choose_law(*named, session);
    if (!selection) {
      return selection.errors();
    }
    if (!takes_schedule(selection->law)) {
      return error("law '" + *named + "' does not follow a learning-rate schedule",
                   "choose one of kind schedule with the inputs lr, lr_sum and stride, or leave --law out");
    }
    out.push_back(std::move(selection->law));
    return out;
  }
  for (const std::string& id : session.catalogue.ids("laws")) {
    const Result<json::Document> document = session.catalogue.find("laws", id);
    const json::Value* kind = document ? document->root().find("kind") : nullptr;
    if (kind == nullptr || !kind->is_string() || kind->string() != "schedule") {
      continue;
    }
    Result<laws::Law> law = laws::read_law(*document);
    if (!law) {
      return law.errors();
    }
    if (takes_schedule(*law)) {
      out.push_back(std::move(*law));
    }
  }
  if (out.empty()) {
    return error("the catalogue has no law that follows a learning-rate schedule",
                 "name one with --law FILE");
  }
  return out;
}

/// The one curve of the files; rows of one run with a step are a curve too.
Result<runs::Curve> only_curve(Rows& rows, const std::string& what) {
  if (rows.curves.empty() && rows.table.has("step")) {
    const auto named = rows.table.labels.find("run");
    const bool several =
        named != rows.table.labels.end() && std::adjacent_find(named->second.begin(), named->second.end(),
                                                               std::not_equal_to<>()) != named->second.end();
    if (!several) {
      const std::string run = named == rows.table.labels.end() ? what : named->second.front();
      return runs::make_curve(std::move(rows.table), run);
    }
  }
  if (rows.curves.size() == 1) {
    return std::move(rows.curves.front());
  }
  return error(
      rows.curves.empty() ? "no step log of one run: " + what
                          : fmt::format("{} runs where one is forecast", rows.curves.size()),
      "give the log of one run, records with a step and a loss; --where run=ID picks one of several");
}

Result<runs::Curve> read_curve(const std::string& path, const RowOptions& options, Session& session,
                               report::Forecast& out, Answer& answer) {
  Result<Rows> rows = read_rows({path}, options, session);
  if (!rows) {
    return rows.errors();
  }
  out.run_digests.insert(out.run_digests.end(), rows->digests.begin(), rows->digests.end());
  answer.notes.insert(answer.notes.end(), rows->notes.begin(), rows->notes.end());
  return only_curve(*rows, path);
}

double steps_of(Values& values, const std::string& name, double otherwise) {
  const std::vector<double> given = values.positives(name, Dimension::count);
  return given.empty() ? otherwise : given.front();
}

}  // namespace

const std::vector<Option>& forecast_options() {
  static const std::vector<Option> options = {
      {"--until", "", "END",
       "forecast the loss of the running job RUN at END: tokens (300B), 20000steps, or end", "", false},
      {"--schedule", "", "FILE", "learning rates of the job to its end: records with step and learning_rate",
       "the shape of the logged ones", false},
      {"--warm-up", "", "STEPS", "steps at the start that are left out", "until the learning rate peaks",
       false},
      {"--ema", "", "STEPS", "smooth the logged loss exponentially over so many steps", "0", false},
  };
  return options;
}

Result<Answer> forecast(const Arguments& arguments, Values& values, Session& session, Diagnostics& errors) {
  RowOptions rows = row_options_of(values, {}, errors);
  rows.final_losses = false;
  fit::CurveOptions options;
  options.level = session.level.value_or(default_level);
  options.warm_up = steps_of(values, "--warm-up", options.warm_up);
  options.ema = steps_of(values, "--ema", options.ema);
  const Result<fit::CurveEnd> end = end_of(*values.text("--until"));
  if (!end) {
    errors.insert(errors.end(), end.errors().begin(), end.errors().end());
  }
  if (arguments.operands.empty()) {
    errors.push_back(error("no run to forecast", "name its log: scaleplan predict RUN --until END"));
  }
  for (const char* name : {"--at", "--group-by"}) {
    if (values.text(name)) {
      errors.push_back(
          error(fmt::format("option '{}' does not go with --until", name), "leave one of them out"));
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  const Result<std::vector<laws::Law>> laws = schedule_laws(values.text("--law"), session);
  if (!laws) {
    return laws.errors();
  }
  Answer answer;
  report::Forecast out;
  const Result<runs::Curve> curve = read_curve(arguments.operands.front(), rows, session, out, answer);
  if (!curve) {
    return curve.errors();
  }
  runs::Curve schedule;
  const std::optional<std::string> schedule_path = values.text("--schedule");
  if (schedule_path) {
    Result<runs::Curve> read = read_curve(*schedule_path, {}, session, out, answer);
    if (!read) {
      return read.errors();
    }
    schedule = std::move(*read);
  }
  Result<fit::JobPlan> plan = fit::plan_job(*curve, *end, schedule_path ? &schedule : nullptr);
  if (!plan) {
    return plan.errors();
  }
  Result<fit::CurveForecast> found = fit::forecast_curve(plan->job, *laws, options, session.control);
  if (!found) {
    return found.errors();
  }
  out.run = curve->run;
  out.mended = curve->mended;
  out.level = options.level;
  out.plan = std::move(*plan);
  out.curve = std::move(*found);
  answer.report = report::present(out, session.explain);
  return answer;
}

}  // namespace scaleplan::cli
