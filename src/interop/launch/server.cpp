#include "interop/launch/server.hpp"

#include <fmt/format.h>

#include "interop/launch/shell.hpp"

namespace scaleplan::interop {
namespace {

// "0-39" and "1-40" are forty elements.
std::optional<std::int64_t> elements(const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto first = number_of(text.substr(0, dash));
  if (!first || dash == std::string::npos) return first ? std::optional<std::int64_t>(1) : std::nullopt;
  const auto last = number_of(text.substr(dash + 1, text.find('%') - dash - 1));
  if (!last || *last < *first || *last - *first > 1e6) return std::nullopt;
  return static_cast<std::int64_t>(*last - *first) + 1;
}

void read_replicas(Settings& settings, Draft& draft) {
  const Setting* array = settings.take("sbatch.array");
  if (array == nullptr) {
    draft.assume("deployment.replicas", 1, "no #SBATCH --array");
    return;
  }
  if (const auto count = elements(text_of(array->value))) {
    draft.set("deployment.replicas", *count, array->place);
  } else {
    settings.fail(*array, "an array of replicas reads like 0-39");
  }
}

void read_types(const Server& server, Settings& settings, Draft& draft) {
  if (!server.kv_key.empty()) {
    const Setting* said = settings.take(server.kv_key);
    const std::string type = settings.word(server.kv_key).value_or("auto");
    if (said != nullptr && type.starts_with("fp8")) draft.set("deployment.kv_precision", "fp8", said->place);
  }
  if (server.weights_key.empty()) return;
  const Setting* said = settings.take(server.weights_key);
  const std::string type = settings.word(server.weights_key).value_or("");
  if (type == "fp8") {
    draft.set("deployment.precision", "fp8", said->place);
  } else if (said != nullptr) {
    draft.notice(fmt::format("{} {} is not modelled; weights are counted as bf16", server.weights_key, type),
                 said->place);
  }
}

std::string hyphenated(std::string_view key) {
  std::string text(key);
  for (char& c : text) c = c == '_' ? '-' : c;
  return text;
}

}  // namespace

Result<model::Proposal> read_server(const Server& server, const std::string& text, const std::string& file) {
  Result<Settings> found = shell_settings(text, file);
  if (!found) return found.errors();
  Settings& settings = *found;
  Draft draft;
  read_labels(text, file, draft);
  if (!draft.has("deployment.device")) draft.assume("deployment.device", "", "the script names no device");
  for (Row row : server.rows) {
    const std::string key = hyphenated(row.key);
    row.key = key;
    read_rows(std::span(&row, 1), settings, draft, fmt::format("{}'s default", server.title));
  }
  read_replicas(settings, draft);
  read_types(server, settings, draft);
  if (const Setting* spread = server.expert_switch.empty() ? nullptr : settings.take(server.expert_switch)) {
    draft.set("deployment.ep", draft.whole("deployment.tp", 1), spread->place);
  }
  note_strangers(settings, server.harmless, draft);
  if (!settings.errors().empty()) return settings.errors();
  return draft.finish(file);
}

Result<std::vector<LaunchFile>> write_server(const Server& server, const model::Proposal& proposal) {
  if (!proposal.deployment) {
    return error(fmt::format("{}: the proposal has no deployment", server.title),
                 "plan with a demand, or add a deployment to the proposal", {proposal.file, 0, 0, ""});
  }
  model::Proposal serving;  // the training run is another file's
  serving.name = proposal.name;
  serving.file = proposal.file;
  serving.deployment = proposal.deployment;
  const model::Deployment& d = *serving.deployment;
  Outgoing out(serving, server.title);
  Arguments arguments;
  arguments.add_rows(server.rows, out);
  const bool spread = !server.expert_switch.empty() && d.ep == d.tp && d.ep > 1;
  if (spread) arguments.add(server.expert_switch);
  if (!server.expert_switch.empty() && d.ep > 1 && !spread) {
    out.fail(fmt::format("spreads experts over all {} tensor-parallel ranks, not {}", d.tp, d.ep));
  }
  for (const std::string& type : {d.weight_precision, d.kv_precision}) {
    if (type != "bf16" && type != "fp8") out.fail(fmt::format("cannot be told precision {}", type));
  }
  if (d.weight_precision == "fp8" && !server.weights_key.empty()) arguments.add(server.weights_key, "fp8");
  if (d.kv_precision == "fp8" && !server.kv_key.empty()) arguments.add(server.kv_key, server.kv_fp8);
  std::string head = labels(out, "#");
  head += fmt::format("# scaleplan deployment.device = {}\n", json::write(d.device, false));
  if (d.weight_precision == "fp8" && server.weights_key.empty()) {
    head += "# scaleplan deployment.precision = \"fp8\"\n";  // the checkpoint must have such weights
  }
  if (d.kv_precision == "fp8" && server.kv_key.empty())
    head += "# scaleplan deployment.kv_precision = \"fp8\"\n";
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  std::string text = "#!/bin/bash\n" + head;
  text += fmt::format("# For {} {}: sbatch serve.sh MODEL, one element of the array for each replica.\n",
                      server.title, server.versions);
  text += fmt::format("#SBATCH --array=0-{}\n#SBATCH --gpus={}\nset -euo pipefail\n\nSERVER_ARGS=(\n{})\n",
                      d.replicas - 1, d.tp * d.pp, arguments.as_options());
  text += fmt::format("\n{} \"$@\" \"${{SERVER_ARGS[@]}}\"\n", server.command);
  return std::vector<LaunchFile>{{"serve.sh", text}};
}

}  // namespace scaleplan::interop
