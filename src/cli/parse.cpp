#include "cli/parse.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "scaleplan/base/suggest.hpp"

namespace scaleplan::cli {
namespace {

struct Bindings {
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

void bind(CLI::App& app, const std::vector<Option>& options, Bindings& bindings) {
  app.set_help_flag();
  app.allow_extras();
  app.add_option("operands", bindings.operands)->expected(0, -1);
  for (const Option& option : options) {
    const std::string names = option.short_name.empty() ? option.name : option.short_name + "," + option.name;
    if (option.value.empty()) {
      app.add_flag(names, bindings.flags[option.name])->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } else {
      app.add_option(names, bindings.values[option.name])->expected(1)->allow_extra_args(false)->take_all();
    }
  }
}

std::string help_hint(const Command& command) {
  return "see 'scaleplan " + command.name + " --help'";
}

Diagnostic unknown_option(const Command& command, const std::vector<Option>& options,
                          const std::string& word) {
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const Option& option : options) {
    names.push_back(option.name);
  }
  const std::string name = word.substr(0, word.find('='));
  const std::string guess = did_you_mean(name, names);
  return error("unknown option '" + name + "'", guess.empty() ? help_hint(command) : guess);
}

void check_options(const std::vector<Option>& options, const Bindings& bindings, Diagnostics& errors) {
  for (const Option& option : options) {
    const auto found = bindings.values.find(option.name);
    if (found == bindings.values.end()) {
      continue;
    }
    for (const std::string& value : found->second) {
      const bool swallowed = std::any_of(options.begin(), options.end(), [&](const Option& o) {
        return value == o.name || value.starts_with(o.name + "=");
      });
      if (swallowed || value.empty()) {
        errors.push_back(
            error("option '" + option.name + "' needs a value", option.name + " " + option.value));
      }
    }
    if (!option.repeatable && found->second.size() > 1) {
      errors.push_back(error("option '" + option.name + "' was given more than once", "give it once"));
    }
  }
}

void check_operands(const Command& command, const std::vector<std::string>& given, Diagnostics& errors) {
  std::size_t minimum = 0;
  std::size_t maximum = 0;
  bool any_number = false;
  for (const Operand& operand : command.operands) {
    minimum += operand.minimum;
    maximum += operand.maximum;
    any_number = any_number || operand.maximum == 0;
    if (given.size() < minimum) {
      errors.push_back(error("missing operand " + operand.name + ": " + operand.help, help_hint(command)));
      return;
    }
  }
  if (!any_number && given.size() > maximum) {
    errors.push_back(error("unexpected operand '" + given[maximum] + "'", help_hint(command)));
  }
}

}  // namespace

Result<Arguments> parse(const Command& command, const std::vector<std::string>& words) {
  const std::vector<Option> options = all_options(command);
  Bindings bindings;
  Diagnostics errors;
  try {
    CLI::App app;
    bind(app, options, bindings);
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
    for (const std::string& word : app.remaining()) {
      if (word != "--") {
        errors.push_back(unknown_option(command, options, word));
      }
    }
  } catch (const CLI::ArgumentMismatch&) {
    const std::string& last = words.back();
    errors.push_back(error("option '" + last + "' needs a value", help_hint(command)));
  } catch (const CLI::Error& failure) {
    errors.push_back(error(failure.what(), help_hint(command)));
  }
  check_options(options, bindings, errors);
  Arguments arguments;
  arguments.operands = std::move(bindings.operands);
  for (auto& [name, values] : bindings.values) {
    if (!values.empty()) {
      arguments.options[name] = std::move(values);
    }
  }
  for (const auto& [name, set] : bindings.flags) {
    if (set) {
      arguments.options[name] = {};
    }
  }
  if (!arguments.options.contains("--help") && !arguments.options.contains("--version")) {
    check_operands(command, arguments.operands, errors);
  }
  if (!errors.empty()) {
    return errors;
  }
  return arguments;
}

}  // namespace scaleplan::cli
