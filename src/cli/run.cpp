#include "scaleplan/cli/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/signals.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::size_t most_messages = 50;

// names of files and words of inputs may hold bytes that steer a terminal
void say(const std::string& text) {
  fmt::print(stderr, "scaleplan: {}\n", excerpt(text, text.size()));
}

Status failed(const Diagnostics& errors) {
  for (std::size_t i = 0; i < std::min(errors.size(), most_messages); ++i) {
    say(to_text(errors[i]));
  }
  if (errors.size() > most_messages) {
    say(fmt::format("… and {} more", errors.size() - most_messages));
  }
  return Status::failed;
}

// A closed standard descriptor would be taken by the next file opened; a read-only one fails honestly.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) == -1) {
      [[maybe_unused]] const int opened =
          open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

Status deliver(Output& output, const std::string& text, Outcome outcome) {
  const Result<Output::Written> written = output.write(text);
  if (!written) {
    return failed(written.errors());
  }
  return outcome == Outcome::yes ? Status::yes : Status::no;
}

Status print(const std::string& text) {
  Result<Output> output = Output::open("");
  return deliver(*output, text, Outcome::yes);
}

const Command* find_command(const std::string& name) {
  const std::vector<const Command*> all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command* c) { return c->name == name; });
  return found == all.end() ? nullptr : *found;
}

Status unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Command* command : commands()) {
    names.push_back(command->name);
  }
  const std::string guess = did_you_mean(word, names);
  const bool option = word.starts_with('-');
  const std::string remedy =
      option ? "the command comes first: 'scaleplan COMMAND [inputs] [options]'" : guess;
  return failed({error((option ? "expected a command, got '" : "unknown command '") + word + "'",
                       remedy.empty() ? "see 'scaleplan --help'" : remedy)});
}

struct Setup {
  Session session;
  report::Format format = report::Format::table;
};

Result<Setup> set_up(const Arguments& arguments, std::stop_token stop) {
  Setup out;
  Diagnostics errors;
  Values values(arguments, errors);
  constexpr std::int64_t most_threads = 1024;
  constexpr std::int64_t largest_seed = 9007199254740992;  // a JSON number keeps it exactly
  out.format = static_cast<report::Format>(values.choice("--format", report::format_names()).value_or(0));
  if (const std::string why = report::obstacle(out.format); !why.empty()) {
    errors.push_back(error("option '--format': " + why,
                           "choose --format markdown, or build with npm and -DSCALEPLAN_REPORT=ON"));
  }
  out.session.level = values.between("--level", 0, 1);
  if (const auto seed = values.whole("--seed", 0, largest_seed)) {
    out.session.seed = static_cast<std::uint64_t>(*seed);
  }
  out.session.control.threads = static_cast<int>(values.whole("--threads", 1, most_threads).value_or(0));
  out.session.control.stop = std::move(stop);
  out.session.explain = values.flag("--explain");
  out.session.verbose = values.flag("--verbose");
  const char* environment = std::getenv("SCALEPLAN_CATALOGUE");  // NOLINT(concurrency-mt-unsafe)
  const std::string folder = values.text("--catalogue").value_or(environment == nullptr ? "" : environment);
  if (!folder.empty()) {
    Result<std::map<std::string, std::string>> entries = read_catalogue(folder);
    if (entries) {
      out.session.catalogue = json::Catalogue(std::move(*entries));
    } else {
      errors.insert(errors.end(), entries.errors().begin(), entries.errors().end());
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  return out;
}

// GitHub shows on the page of a job what its steps add to this file.
Result<bool> add_step_summary(const report::Report& report) {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");  // NOLINT(concurrency-mt-unsafe)
  if (path == nullptr || *path == '\0') {
    return true;
  }
  std::ofstream file(path, std::ios::app);
  file << render(report, report::Format::markdown) << std::flush;
  if (!file) {
    return error("cannot add the step summary",
                 "unset GITHUB_STEP_SUMMARY or name a file that can be written",
                 {.file = path, .line = 0, .column = 0, .pointer = {}});
  }
  return true;
}

Status run_command(const Command& command, const Arguments& arguments) {
  const Interrupts interrupts;
  Result<Setup> setup = set_up(arguments, interrupts.token());
  if (!setup) {
    return failed(setup.errors());
  }
  const auto path = arguments.options.find("--output");
  Result<Output> output = Output::open(path == arguments.options.end() ? "" : path->second.front());
  if (!output) {
    return failed(output.errors());
  }
  try {
    const Result<Answer> answer = command.run(arguments, setup->session);
    if (interrupted_by() != 0) {
      throw Stopped{};
    }
    if (!answer) {
      return failed(answer.errors());
    }
    if (const std::string why = report::obstacle(answer->report, setup->format); !why.empty()) {
      return failed({error("option '--format': " + why, "choose --format html, table or json")});
    }
    const std::string text = answer->text.empty() ? render(answer->report, setup->format) : answer->text;
    if (setup->format == report::Format::github) {
      if (const Result<bool> added = add_step_summary(answer->report); !added) {
        return failed(added.errors());
      }
    }
    for (const std::string& note : answer->notes) {
      say(note);
    }
    return deliver(*output, text, answer->outcome);
  } catch (const Stopped&) {
    say("interrupted");
    return interrupted_by() == SIGINT ? Status::interrupted : Status::terminated;
  }
}

}  // namespace

void report_internal_error(const char* what) {
  say(fmt::format("internal error: {}; please report this with the command line and its inputs", what));
}

Status run(const std::vector<std::string>& words) {
  occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  if (words.empty()) {
    fmt::print(stderr, "{}", program_help());
    return Status::failed;
  }
  const std::string& first = words.front();
  if (first == "--version") {
    return print(version_text());
  }
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) {
    return print(program_help());
  }
  const bool asks_help = first == "help";
  const std::string& name = asks_help ? words[1] : first;
  const Command* command = find_command(name);
  if (command == nullptr) {
    return unknown_command(name);
  }
  if (asks_help) {
    return print(command_help(*command));
  }
  const Result<Arguments> arguments = parse(*command, {words.begin() + 1, words.end()});
  if (!arguments) {
    return failed(arguments.errors());
  }
  if (arguments->options.contains("--help")) {
    return print(command_help(*command));
  }
  if (arguments->options.contains("--version")) {
    return print(version_text());
  }
  return run_command(*command, *arguments);
}

}  // namespace scaleplan::cli
