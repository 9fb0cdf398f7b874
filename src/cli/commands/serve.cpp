#include <fmt/format.h>

#include <algorithm>

#include "cli/clusters.hpp"
#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/models.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/report/serving.hpp"
#include "scaleplan/serving/place.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t most_devices = std::int64_t{1} << 24;
constexpr std::int64_t most_shown = 1000;

Result<json::Document> read_document(const std::string& path, Session& session) {
  Result<std::string> text = read_input(path, session);
  if (!text) return text.errors();
  return json::parse(std::move(*text), path);
}

// A demand, or a scenario that holds one.
Result<serving::Demand> demand_in(const json::Document& document) {
  const json::Value* schema = document.root().find("schema");
  const bool scenario =
      schema != nullptr && schema->is_string() && schema->string() == "scaleplan/scenario/1";
  if (!scenario) return serving::read_demand(document);
  Diagnostics diagnostics;
  serving::Demand demand;
  json::ObjectReader root(document, document.root(), "", diagnostics);
  root.require("demand");
  root.object("demand", [&](json::ObjectReader& reader) {
    demand = serving::read_demand(reader);
    reader.finish();
  });
  if (has_errors(diagnostics)) return diagnostics;
  return demand;
}

bool listed(const Session& session, const char* kind, const std::string& id) {
  const std::vector<std::string> ids = session.catalogue.ids(kind);
  return std::binary_search(ids.begin(), ids.end(), id);
}

// A node or device without --devices: as many as it takes.
Result<std::optional<std::int64_t>> devices_of_one(const std::string& text, const Session& session) {
  if (listed(session, "clusters", text)) return std::optional<std::int64_t>{};
  if (listed(session, "nodes", text)) {
    const Result<hardware::Node> node = hardware::find_node(session.catalogue, text);
    if (!node) return node.errors();
    return std::optional<std::int64_t>{node->devices};
  }
  if (listed(session, "devices", text)) {
    const Result<hardware::Device> device = hardware::find_device(session.catalogue, text);
    if (!device) return device.errors();
    return std::optional<std::int64_t>{device->devices_per_node};
  }
  return std::optional<std::int64_t>{};
}

// The machines that the operand names, as the demand describes that site where it does.
Result<serving::Located> locate(const ChosenCluster& cluster, const serving::Demand& demand,
                                const Session& session) {
  const serving::Site* site = demand.site(cluster.name);
  if (site == nullptr) site = demand.site(cluster.machine.device.id);
  return serving::locate(cluster.machine, cluster.node ? &*cluster.node : nullptr,
                         cluster.cluster ? &*cluster.cluster : nullptr, site, session.catalogue);
}

Result<serving::Efficiency> choose_efficiency(const Values& values, Session& session) {
  const std::optional<std::string> path = values.text("--calibration");
  if (!path) return serving::default_efficiency(session.catalogue);
  const Result<json::Document> document = read_document(*path, session);
  if (!document) return document.errors();
  return serving::read_efficiency(*document);
}

Diagnostics in_file(Diagnostics errors, const std::string& file) {
  for (Diagnostic& each : errors) {
    if (each.place.file.empty()) each.place.file = file;
  }
  return errors;
}

// The techniques of --technique, stacked; names that are unknown or clash are errors.
Result<terms::Stack> choose_techniques(const Values& values, const Session& session) {
  std::vector<terms::Chosen> chosen;
  for (const std::string& id : values.texts("--technique")) {
    Result<terms::Technique> technique = terms::find_technique(session.catalogue, id);
    if (!technique) return technique.errors();
    chosen.push_back({std::move(*technique), {}});
  }
  return terms::Stack::combine(std::move(chosen));
}

Result<Answer> answer_of(report::ServingResult result, const ChosenModel& model,
                         const serving::Freedom& freedom, const serving::Efficiency& efficiency,
                         std::vector<serving::Assumed> assumed, std::size_t top,
                         const std::string& demand_file, const Session& session) {
  result.routed = model.model.shape.experts.experts > 1;
  result.calibration = efficiency.id;
  Result<serving::Service> service =
      serving::deploy(model.model.shape, model.model.sequence_length, result.place, result.demand, freedom,
                      efficiency, top, result.level);
  if (!service) return in_file(service.errors(), demand_file);
  result.service = std::move(*service);
  std::vector<serving::Assumed>& all = result.service.assumed;
  all.insert(all.end(), assumed.begin(), assumed.end());
  Answer answer;
  answer.outcome = result.service.best ? Outcome::yes : Outcome::no;
  answer.report = report::present(result, session.explain);
  if (session.verbose) {
    answer.notes.push_back(
        fmt::format("{} candidates; calibration {}", result.service.evaluated, result.calibration));
  }
  return answer;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  std::optional<std::int64_t> devices = values.whole("--devices", 1, most_devices);
  const auto top = static_cast<std::size_t>(values.whole("--top", 0, most_shown).value_or(5));
  const Result<serving::Engine> engine =
      serving::find_engine(values.text("--engine").value_or("tensorrt-llm"));
  if (!engine) errors.insert(errors.end(), engine.errors().begin(), engine.errors().end());
  if (!errors.empty()) return errors;
  const Result<ChosenModel> model = choose_model(arguments.operands[0], session);
  if (!model) return model.errors();
  const std::string& place = arguments.operands[1];
  const Result<std::optional<std::int64_t>> one = devices_of_one(place, session);
  if (!one) return one.errors();
  const bool open = !devices && one->has_value();
  const Result<ChosenCluster> cluster = choose_cluster(place, devices ? devices : *one, session);
  if (!cluster) return cluster.errors();
  const Result<json::Document> document = read_document(arguments.operands[2], session);
  if (!document) return document.errors();
  const Result<serving::Demand> demand = demand_in(*document);
  if (!demand) return demand.errors();
  const Result<serving::Efficiency> efficiency = choose_efficiency(values, session);
  if (!efficiency) return efficiency.errors();
  Result<serving::Located> located = locate(*cluster, *demand, session);
  if (!located) return located.errors();
  if (!open) located->place.devices = cluster->machine.devices;
  if (!values.text("--engine")) located->assumed.push_back({"engine", engine->name, "default"});
  report::ServingResult result;
  result.model = arguments.operands[0];
  result.model_digest = model->digest;
  result.cluster = place;
  result.cluster_digest = cluster->digest;
  result.demand_digest = sha256(json::write(document->root(), false));
  result.place = std::move(located->place);
  result.demand = *demand;
  result.region = located->region;
  result.level = session.level.value_or(result.level);
  Result<terms::Stack> techniques = choose_techniques(values, session);
  if (!techniques) return techniques.errors();
  const serving::Freedom freedom{*engine, !values.flag("--aggregated"), std::move(*techniques)};
  return answer_of(std::move(result), *model, freedom, *efficiency, std::move(located->assumed), top,
                   arguments.operands[2], session);
}

}  // namespace

const Command& serve_command() {
  static const Command command = {
      "serve",
      "find the cheapest deployment that keeps the latency limits of an inference demand",
      {model_operand(),
       {"CLUSTER", "a cluster id or file, or a node or device id (without --devices: as many as it takes)", 1,
        1},
       {"DEMAND", "a demand (scaleplan/demand/1) or a scenario with one, or - for standard input", 1, 1}},
      {
          {"--devices", "", "N", "devices that there are", "the cluster's own", false},
          {"--engine", "", "NAME", "tensorrt-llm, vllm or sglang", "tensorrt-llm", false},
          {"--aggregated", "", "", "try no separate pools of devices for prompts", "", false},
          {"--technique", "", "ID", "a technique of the catalogue that acts on serving", "", true},
          {"--top", "", "K", "runners-up to list", "5", false},
          {"--calibration", "", "FILE", "a calibration of kind serving that scaleplan calibrate wrote",
           "the shipped one", false},
      },
      {"scaleplan serve llama-3-70b dgx-h100 configs/demands/chat.json",
       "scaleplan serve mixtral-8x7b dgx-a100 chat.json --devices 64 --format json",
       "scaleplan serve config.json dgx-h200 scenario.json --engine vllm --top 10"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
