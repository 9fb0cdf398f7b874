#include "interop/proposal_document.hpp"

#include <fmt/format.h>

#include <cmath>

#include "scaleplan/interop/model_file.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::interop {
namespace {

using json::ObjectReader;
using model::Proposal;

constexpr std::int64_t most = std::int64_t{1} << 53;
constexpr std::int64_t most_devices = std::int64_t{1} << 31;
constexpr std::int64_t highest_degree = std::int64_t{1} << 20;
constexpr ObjectReader::Range positive{0, 1e308, true};
constexpr ObjectReader::Range share{0, 1};
const std::vector<std::string> schedule_kinds{"constant", "cosine", "linear", "wsd"};
const std::vector<std::string> recompute_kinds{"none", "selective", "operators", "full"};

struct Degree {
  const char* key;
  std::int64_t model::Layout::*field;
};
constexpr Degree degrees[] = {{"tp", &model::Layout::tp},
                              {"pp", &model::Layout::pp},
                              {"cp", &model::Layout::cp},
                              {"ep", &model::Layout::ep},
                              {"micro_batch", &model::Layout::micro_batch},
                              {"interleave", &model::Layout::interleave}};

struct Size {
  const char* key;
  std::int64_t model::Deployment::*field;
};
constexpr Size deployment_sizes[] = {{"tp", &model::Deployment::tp},
                                     {"pp", &model::Deployment::pp},
                                     {"ep", &model::Deployment::ep},
                                     {"replicas", &model::Deployment::replicas},
                                     {"batch", &model::Deployment::batch}};

std::optional<std::int64_t> whole(ObjectReader& reader, std::string_view key, Dimension dimension) {
  const auto value = reader.quantity(key, dimension, {1, static_cast<double>(most)});
  if (value && *value != std::floor(*value)) {
    reader.fail(key, fmt::format("expected a whole number of {}", dimension_name(dimension)));
    return std::nullopt;
  }
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

void read_schedule(ObjectReader& reader, Proposal& proposal) {
  reader.object("schedule", [&](ObjectReader& inner) {
    model::Schedule schedule;
    inner.require("kind");
    schedule.kind = inner.choice("kind", schedule_kinds).value_or("");
    schedule.warmup_tokens = inner.quantity("warmup_tokens", Dimension::tokens, {0}).value_or(0);
    schedule.final_fraction = inner.quantity("final_fraction", Dimension::fraction, share);
    schedule.cooldown_fraction = inner.quantity("cooldown_fraction", Dimension::fraction, share);
    if (schedule.cooldown_fraction && schedule.kind != "wsd") {
      inner.fail("cooldown_fraction", fmt::format("a {} schedule has no cooldown", schedule.kind),
                 "leave it out, or use \"kind\": \"wsd\"");
    }
    proposal.schedule = schedule;
  });
}

// Replicas that are not said are what the devices leave.
void complete_replicas(ObjectReader& reader, ObjectReader& inner, Proposal& proposal, bool said) {
  model::Layout& layout = *proposal.layout;
  const double product = static_cast<double>(layout.tp) * static_cast<double>(layout.pp) *
                         static_cast<double>(layout.cp) * static_cast<double>(layout.dp);
  if (product > static_cast<double>(most_devices)) {
    inner.fail("", "the degrees of the layout multiply to more than 2^31 devices");
    return;
  }
  const std::int64_t replica = layout.tp * layout.pp * layout.cp;
  if (said && !proposal.devices) {
    proposal.devices = layout.devices();
  } else if (said && *proposal.devices != layout.devices()) {
    reader.fail("devices",
                fmt::format("{} devices, but the layout has tp {} x pp {} x cp {} x dp {} = {}",
                            *proposal.devices, layout.tp, layout.pp, layout.cp, layout.dp, layout.devices()),
                "change one of them, or leave out dp");
  } else if (!said && !proposal.devices) {
    inner.fail("dp", "the layout says neither \"dp\" nor does the proposal say \"devices\"",
               "add one of them");
  } else if (!said && *proposal.devices % replica != 0) {
    reader.fail("devices", fmt::format("{} devices are not a multiple of tp {} x pp {} x cp {}",
                                       *proposal.devices, layout.tp, layout.pp, layout.cp));
  } else if (!said) {
    layout.dp = *proposal.devices / replica;
  }
}

void read_layout(ObjectReader& reader, Proposal& proposal) {
  reader.object("layout", [&](ObjectReader& inner) {
    model::Layout& layout = proposal.layout.emplace();
    for (const Degree& each : degrees) {
      layout.*each.field = inner.integer(each.key, 1, highest_degree).value_or(1);
    }
    const auto dp = inner.integer("dp", 1, highest_degree);
    layout.dp = dp.value_or(1);
    layout.zero = static_cast<int>(inner.integer("zero", 0, 3).value_or(0));
    layout.zero_group = inner.integer("zero_group", 0, most_devices).value_or(0);
    if (const auto name = inner.choice("recompute", recompute_kinds)) {
      layout.recompute = *model::find_recompute(*name);
    }
    layout.sequence_parallel = inner.boolean("sequence_parallel").value_or(false);
    inner.accept("text");
    if (dp || !inner.has("dp")) complete_replicas(reader, inner, proposal, dp.has_value());
    if (layout.zero_group == layout.dp * layout.cp) layout.zero_group = 0;  // all of them, said in full
  });
}

void read_deployment(ObjectReader& reader, Proposal& proposal) {
  reader.object("deployment", [&](ObjectReader& inner) {
    model::Deployment& deployment = proposal.deployment.emplace();
    inner.require("device");
    deployment.device = inner.string("device").value_or("");
    for (const Size& each : deployment_sizes) {
      deployment.*each.field = inner.integer(each.key, 1, highest_degree).value_or(deployment.*each.field);
    }
    deployment.weight_precision = inner.string("precision").value_or(deployment.weight_precision);
    deployment.kv_precision = inner.string("kv_precision").value_or(deployment.kv_precision);
  });
}

Result<model::Shape> shape_of_path(const std::string& path, const ProposalSources& sources) {
  if (!sources.open) return error("files that a proposal names cannot be read here");
  Result<std::string> text = sources.open(path);
  if (!text) return text.errors();
  const Result<ModelFile> found = read_model_file(std::move(*text), path);
  if (!found) return found.errors();
  return found->model.shape;
}

Result<model::Shape> shape_of_name(const std::string& name, const ProposalSources& sources) {
  if (name.ends_with(".json") || name.find('/') != std::string::npos) return shape_of_path(name, sources);
  if (sources.catalogue == nullptr) return error("there is no catalogue to look for a model in");
  const Result<model::Model> found = model::find_model(*sources.catalogue, name);
  if (!found) return found.errors();
  return found->shape;
}

// An error of another file keeps its place; others get that of the key.
void take_shape(ObjectReader& reader, std::string_view key, const Result<model::Shape>& found,
                Proposal& proposal, Diagnostics& diagnostics) {
  if (found) {
    proposal.shape = *found;
    return;
  }
  for (const Diagnostic& each : found.errors()) {
    if (each.place.line > 0) {
      diagnostics.push_back(each);
    } else {
      reader.fail(key, each.message, each.remedy);
    }
  }
}

void read_model(ObjectReader& reader, Proposal& proposal, const ProposalSources& sources,
                Diagnostics& diagnostics) {
  const json::Value* model = reader.raw("model");
  if (model == nullptr) return;
  if (model->is_string()) {
    take_shape(reader, "model", shape_of_name(model->string(), sources), proposal, diagnostics);
    return;
  }
  if (!model->is_object()) {
    reader.fail(
        "model", "expected a model",
        R"(write {"config": "config.json"}, the id of a model, or a shape with its layers, hidden …)");
    return;
  }
  reader.object("model", [&](ObjectReader& inner) {
    if (!inner.has("config")) {
      proposal.shape = model::read_shape(inner);
    } else if (const auto path = inner.string("config")) {
      take_shape(inner, "config", shape_of_path(*path, sources), proposal, diagnostics);
    }
  });
}

// Places of all members, under the names that they have in a proposal.
void remember(const json::Document& document, const json::Value& object, const std::string& pointer,
              const std::string& path, Proposal& proposal) {
  for (const auto& [key, value] : object.object()) {
    const std::string inner = json::pointer_join(pointer, key);
    const std::string name =
        path.empty() ? (key == "model" ? "shape" : key) : fmt::format("{}.{}", path, key);
    proposal.places[name] = document.place(value, inner);
    if (value.is_object()) remember(document, value, inner, name, proposal);
  }
}

json::Value without_nulls(const json::Value& object) {
  json::Value kept = json::Object{};
  for (const auto& [key, value] : object.object()) {
    if (!value.is_null()) kept.set(key, value.is_object() ? without_nulls(value) : value);
  }
  kept.set_offset(object.offset());
  return kept;
}

void read_run(ObjectReader& reader, Proposal& proposal) {
  proposal.name = reader.string("name").value_or("");
  proposal.tokens = reader.quantity("tokens", Dimension::tokens, positive);
  proposal.batch_tokens = whole(reader, "batch_tokens", Dimension::tokens);
  proposal.sequence_length = whole(reader, "sequence_length", Dimension::tokens);
  proposal.learning_rate = reader.number("learning_rate", positive);
  proposal.weight_decay = reader.number("weight_decay", {0});
  read_schedule(reader, proposal);
  proposal.optimizer = reader.string("optimizer");
  proposal.precision = reader.string("precision");
  proposal.engine = reader.string("engine");
  proposal.cluster = reader.string("cluster");
  proposal.devices = reader.integer("devices", 1, most_devices);
  read_layout(reader, proposal);
  read_deployment(reader, proposal);
}

Result<Proposal> read_plan(const json::Document& document, const ProposalSources& sources) {
  Diagnostics diagnostics;
  ObjectReader reader(document, document.root(), "", diagnostics);
  reader.tolerate_unknown();
  json::read_schema(reader, "plan", 1);
  if (has_errors(diagnostics)) return diagnostics;
  const json::Value* decision = reader.raw("decision");
  if (decision == nullptr || !decision->is_object()) {
    const json::Value* status = reader.raw("status");
    const std::string found = status != nullptr && status->is_string() ? status->string() : "not said";
    reader.fail("decision", fmt::format("the plan decides nothing (its status: {})", found),
                "loosen what it was asked until it has a decision");
    return diagnostics;
  }
  Result<Proposal> proposal = read_members(document, without_nulls(*decision), "/decision", true, sources);
  if (!proposal) return proposal.errors();
  proposal->origin = "plan";
  if (const json::Value* name = reader.raw("name"); name != nullptr && name->is_string()) {
    proposal->name = name->string();
  }
  return proposal;
}

}  // namespace

Result<Proposal> read_members(const json::Document& document, const json::Value& members,
                              const std::string& pointer, bool tolerant, const ProposalSources& sources) {
  Diagnostics diagnostics;
  ObjectReader reader(document, members, pointer, diagnostics);
  if (has_errors(diagnostics)) return diagnostics;
  if (tolerant) reader.tolerate_unknown();
  Proposal proposal;
  proposal.origin = "proposal";
  proposal.file = document.file();
  reader.accept("schema");
  read_run(reader, proposal);
  read_model(reader, proposal, sources, diagnostics);
  if (tolerant) {
    reader.object("shape", [&](ObjectReader& shape) { proposal.shape = model::read_shape(shape); });
  }
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  remember(document, members, pointer, "", proposal);
  return proposal;
}

Result<Proposal> read_proposal_document(const json::Document& document, const ProposalSources& sources) {
  const json::Value* schema = document.root().find("schema");
  if (schema != nullptr && schema->is_string() && schema->string().starts_with("scaleplan/plan/")) {
    return read_plan(document, sources);
  }
  Diagnostics diagnostics;
  ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "proposal", 1);
  if (has_errors(diagnostics)) return diagnostics;
  return read_members(document, document.root(), "", false, sources);
}

}  // namespace scaleplan::interop
