#include <fmt/format.h>

#include "report/common.hpp"
#include "scaleplan/base/version.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

using model::Inspection;
using model::Shape;

json::Value params_value(const model::Parameters& p) {
  json::Value out;
  out.set("total", p.total);
  out.set("active", p.active);
  out.set("non_embedding", p.non_embedding);
  out.set("embedding", p.embedding);
  out.set("active_non_embedding", p.active_non_embedding);
  out.set("head_no_embedding", p.head_no_embedding);
  return out;
}

json::Value flop_value(const model::AtLength& at) {
  json::Value out;
  out.set("sequence_length", at.sequence_length);
  out.set("forward", at.flop.forward.raw());
  out.set("training", at.flop.training.raw());
  out.set("forward_full_attention", at.forward_full.raw());
  out.set("attention_share", at.attention_share);
  return out;
}

json::Value parts_value(const Inspection& inspection) {
  json::Value out{json::Array{}};
  for (const model::Part& part : inspection.parts) {
    json::Value item;
    item.set("name", part.name);
    item.set("params", part.params);
    item.set("active_params", part.active_params);
    item.set("forward_flop", part.forward.raw());
    out.push(std::move(item));
  }
  return out;
}

json::Value memory_value(const Inspection& inspection) {
  const auto params = static_cast<double>(inspection.params.total);
  json::Value weights;
  for (const model::WeightPrecision& precision : model::weight_precisions()) {
    weights.set(std::string(precision.id), params * precision.bytes);
  }
  json::Value states;
  for (const model::StateRecipe& recipe : model::state_recipes()) {
    states.set(std::string(recipe.id), params * recipe.bytes());
  }
  json::Value out;
  out.set("weights_bytes", std::move(weights));
  out.set("training_state_bytes", std::move(states));
  out.set("kv_cache_bytes", inspection.at.kv_cache.raw());
  return out;
}

json::Value document_of(const model::Model& model, const Inspection& inspection, const ModelView& view) {
  json::Value document;
  document.set("schema", "scaleplan/model-report/1");
  document.set("model", model.id);
  document.set("title", model.title);
  document.set("shape", model::shape_to_json(model.shape));
  document.set("params", params_value(inspection.params));
  document.set("flop_per_token", flop_value(inspection.at));
  document.set("kv_bytes_per_token", inspection.kv_bytes_per_token);
  document.set("memory", memory_value(inspection));
  document.set("parts", parts_value(inspection));
  json::Value lengths{json::Array{}};
  for (const model::AtLength& at : inspection.lengths) {
    json::Value item = flop_value(at);
    item.set("kv_cache_bytes", at.kv_cache.raw());
    lengths.push(std::move(item));
  }
  document.set("lengths", std::move(lengths));
  json::Value notes{json::Array{}};
  for (const std::string& note : model.notes) {
    notes.push(note);
  }
  document.set("notes", std::move(notes));
  document.set("sequence_length_assumed", view.assumed_length);
  json::Value provenance;
  provenance.set("version", version());
  provenance.set("catalogue", catalogue_version());
  provenance.set("origin", view.kind);
  provenance.set("source", model.source);
  provenance.set("model_sha256", view.digest.empty() ? json::Value(nullptr) : json::Value(view.digest));
  document.set("provenance", std::move(provenance));
  return document;
}

constexpr double giga = 1e9;

std::string gigaflop(FlopPerToken flop) {
  return format_number(flop.raw() / giga, 4);
}

Cell gigaflop_cell(FlopPerToken flop) {
  return {gigaflop(flop), {flop.raw()}};
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

Cell share_cell(double part, double whole) {
  return {percent(part / whole), {part / whole}};
}

std::string attention_text(const Shape& s) {
  if (s.latent.kv_rank > 0) {
    return fmt::format("{} heads of latent attention (rank {} + {})", s.heads, s.latent.kv_rank,
                       s.latent.rope_size);
  }
  return s.kv_heads == s.heads
             ? fmt::format("{} heads of {}", s.heads, s.head_size)
             : fmt::format("{} heads of {} on {} key/value heads", s.heads, s.head_size, s.kv_heads);
}

std::string network_text(const Shape& s) {
  const std::string kind = s.gated ? "gated feed-forward" : "feed-forward";
  const model::Experts& e = s.experts;
  if (e.experts == 1) {
    return fmt::format("{} width {}", kind, s.ffn);
  }
  std::string text =
      fmt::format("{} of {} experts of {} width {}", e.per_token, e.experts, kind, e.expert_ffn);
  if (e.shared_ffn > 0) {
    text += fmt::format(", shared {}", e.shared_ffn);
  }
  if (e.dense_layers > 0) {
    text += fmt::format(", first {} dense at {}", counted(static_cast<std::size_t>(e.dense_layers), "layer"),
                        s.ffn);
  }
  if (e.period > 1) {
    text += fmt::format(", in every {}th layer", e.period);
  }
  return text;
}

std::string shape_text(const Shape& s) {
  std::string text = s.encoder_layers > 0 ? fmt::format("{} + {} layers", s.encoder_layers, s.layers)
                                          : fmt::format("{} layers", s.layers);
  text += fmt::format(", hidden {}, {}, {}, vocabulary {}{}", s.hidden, attention_text(s), network_text(s),
                      s.vocabulary, s.tied ? " (tied)" : "");
  if (s.window > 0) {
    text += fmt::format(", window of {} tokens in {} layers", s.window, s.window_layers);
  }
  return text;
}

Table counts_table(const model::Parameters& p) {
  Table table{
      {text_column("parameters", "count"), column("exact", "value"), column("short", "params")}, {}, {}};
  auto row = [&](const char* name, std::int64_t value) {
    const auto exact = static_cast<double>(value);
    table.rows.push_back({name, Cell(fmt::format("{}", value), {exact}), quantity(exact, Dimension::params)});
  };
  row("total", p.total);
  row("active", p.active);
  row("embedding", p.embedding);
  row("non-embedding", p.non_embedding);
  row("active non-embedding", p.active_non_embedding);
  return table;
}

Table parts_table(const Inspection& inspection) {
  Table table{{text_column("part", "part"), column("parameters", "params"), column("share", "params_share"),
               column("active", "active_params"), column("forward GFLOP/token", "forward_flop"),
               column("share", "flop_share")},
              {},
              "Where parameters and FLOP go"};
  for (const model::Part& part : inspection.parts) {
    const auto params = static_cast<double>(part.params);
    table.rows.push_back({part.name, quantity(params, Dimension::params),
                          share_cell(params, static_cast<double>(inspection.params.total)),
                          quantity(static_cast<double>(part.active_params), Dimension::params),
                          gigaflop_cell(part.forward),
                          share_cell(part.forward.raw(), inspection.at.flop.forward.raw())});
  }
  return table;
}

Table lengths_table(const Inspection& inspection) {
  Table table{{column("sequence", "sequence_length"), column("forward GFLOP/token", "forward_flop"),
               column("training", "training_flop"), column("attention scores", "attention_share"),
               column("forward, full attention", "forward_full_flop"), column("KV cache bf16", "kv_bytes")},
              {},
              "By sequence length"};
  auto add = [&](const model::AtLength& at) {
    table.rows.push_back({number(static_cast<double>(at.sequence_length)), gigaflop_cell(at.flop.forward),
                          gigaflop_cell(at.flop.training), share_cell(at.attention_share, 1),
                          gigaflop_cell(at.forward_full), quantity(at.kv_cache.raw(), Dimension::bytes)});
  };
  bool added = inspection.lengths.empty();
  if (added) {
    add(inspection.at);
  }
  for (const model::AtLength& at : inspection.lengths) {
    if (!added && at.sequence_length >= inspection.at.sequence_length) {
      added = true;
      if (at.sequence_length > inspection.at.sequence_length) {
        add(inspection.at);
      }
    }
    add(at);
  }
  if (!added) {
    add(inspection.at);
  }
  return table;
}

Table memory_table(const Inspection& inspection) {
  const auto params = static_cast<double>(inspection.params.total);
  Table table{{text_column("held", "held"), column("bytes/parameter", "bytes_per_parameter"),
               column("memory", "bytes")},
              {},
              "Memory, before sharding"};
  for (const model::WeightPrecision& each : model::weight_precisions()) {
    table.rows.push_back({fmt::format("weights, {}", each.id), number(each.bytes),
                          quantity(params * each.bytes, Dimension::bytes)});
  }
  for (const model::StateRecipe& each : model::state_recipes()) {
    table.rows.push_back({fmt::format("training: {}", each.title), number(each.bytes()),
                          quantity(params * each.bytes(), Dimension::bytes)});
  }
  return table;
}

std::vector<std::string> explanation() {
  return {
      "FLOP: two per weight of every matrix that a token visits, output head and router included; attention "
      "scores over the causal half; training is three times the forward pass; no recomputation, norms, "
      "softmax or look-ups.",
      "Layers with a window count the band of the window; the KV cache of such a layer stops at the window.",
      "Active parameters are those of the experts that one token visits, with router, shared experts and "
      "embeddings; publishers round, and may leave embeddings out.",
      "Valid for transformers with softmax attention; state-space layers and sparse attention by index are "
      "not modelled.",
  };
}

}  // namespace

Report present(const model::Model& model, const Inspection& inspection, const ModelView& view) {
  Report report;
  report.title = model.title.empty() ? view.name : fmt::format("{}: {}", view.name, model.title);
  report.document = document_of(model, inspection, view);
  Section shape{"", {shape_text(model.shape)}, {}};
  shape.lines.push_back(fmt::format(
      "At {} tokens{}: {} GFLOP forward, {} GFLOP training per token; {} of keys and values "
      "per token in bf16.",
      inspection.at.sequence_length, view.assumed_length ? " (assumed: the model says no length)" : "",
      gigaflop(inspection.at.flop.forward), gigaflop(inspection.at.flop.training),
      format_quantity(inspection.kv_bytes_per_token, Dimension::bytes)));
  if (model.shape.positions > 0 && inspection.at.sequence_length > model.shape.positions) {
    shape.lines.push_back(
        fmt::format("Note: the model has learned positions for {} tokens only.", model.shape.positions));
  }
  for (const std::string& note : model.notes) {
    shape.lines.push_back("Note: " + note + (note.ends_with('.') ? "" : "."));
  }
  shape.tables = {counts_table(inspection.params), parts_table(inspection), lengths_table(inspection),
                  memory_table(inspection)};
  report.sections.push_back(std::move(shape));
  if (view.explain) {
    report.sections.push_back({"What is counted", explanation(), {}});
  }
  return report;
}

}  // namespace scaleplan::report
