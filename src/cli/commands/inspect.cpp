#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/models.hpp"
#include "cli/values.hpp"
#include "scaleplan/model/inspection.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t usual_length = 2048;
constexpr std::int64_t longest = std::int64_t{1} << 31;

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  const std::optional<std::int64_t> asked = values.whole("--sequence-length", 1, longest);
  if (!errors.empty()) {
    return errors;
  }
  const std::string& name = arguments.operands.front();
  const Result<ChosenModel> chosen = choose_model(name, session);
  if (!chosen) {
    return chosen.errors();
  }
  const model::Model& model = chosen->model;
  report::ModelView view{name, chosen->kind, chosen->digest, false, session.explain};
  view.assumed_length = !asked && model.sequence_length == 0;
  const std::int64_t length = asked.value_or(view.assumed_length ? usual_length : model.sequence_length);
  Answer answer;
  answer.report = report::present(model, model::inspect(model.shape, length), view);
  if (session.verbose && !chosen->ignored.empty()) {
    answer.notes.push_back(fmt::format("{}: {} keys that say nothing about the shape: {}", name,
                                       chosen->ignored.size(), fmt::join(chosen->ignored, ", ")));
  }
  return answer;
}

}  // namespace

const Command& inspect_command() {
  static const Command command = {
      "inspect",
      "count parameters, FLOP, memory and key/value bytes of a model",
      {model_operand()},
      {{"--sequence-length", "", "TOKENS", "length at which FLOP are counted", "the model's own, else 2048",
        false}},
      {"scaleplan inspect llama-3.1-405b", "scaleplan inspect checkpoint/config.json --sequence-length 8192",
       "scaleplan inspect deepseek-v3 --format json"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
