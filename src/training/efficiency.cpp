#include "scaleplan/training/efficiency.hpp"

#include <array>
#include <stdexcept>

#include "scaleplan/json/reader.hpp"

namespace scaleplan::training {
namespace {

using Factors = std::map<std::string, Factor, std::less<>>;

constexpr std::array<const char*, 18> names = {"fp8",
                                               "fp4",
                                               "short_k",
                                               "attention_cudnn",
                                               "elementwise",
                                               "elementwise_fused",
                                               "elementwise_tpu",
                                               "moe_gemm",
                                               "link",
                                               "nic",
                                               "ring_step_s",
                                               "fsdp_overlap",
                                               "dp_overlap",
                                               "p2p_exposed",
                                               "scale_loss",
                                               "deepspeed_compute",
                                               "deepspeed_reduction",
                                               "site"};

Factors read_factors(json::ObjectReader& reader, std::string_view key) {
  Factors out;
  reader.require(key);
  reader.object(key, [&](json::ObjectReader& object) {
    for (const auto& [name, value] : object.members()) {
      object.object(name, [&, name = name](json::ObjectReader& factor) {
        factor.require("value");
        out[name] = {factor.number("value", {0, 1e300, true}).value_or(1),
                     factor.number("log_se", {0, 1e3}).value_or(0)};
      });
    }
  });
  return out;
}

json::Value value_of(const Factors& factors) {
  json::Value out{json::Object{}};
  for (const auto& [name, factor] : factors) {
    json::Value entry;
    entry.set("value", factor.value);
    entry.set("log_se", factor.log_se);
    out.set(name, std::move(entry));
  }
  return out;
}

void read_training(json::ObjectReader& reader, Efficiency& out) {
  out.gemm = read_factors(reader, "gemm");
  out.attention = read_factors(reader, "attention");
  out.factors = read_factors(reader, "factors");
  for (const char* key : {"between_sources", "within_source", "moe_sd"}) {
    reader.require(key);
  }
  out.between_sources = reader.number("between_sources", {0, 10}).value_or(0);
  out.within_source = reader.number("within_source", {0, 10}).value_or(0);
  out.moe_sd = reader.number("moe_sd", {0, 10}).value_or(0);
  for (const char* name : names) {
    if (!out.factors.contains(name)) {
      reader.fail("factors", std::string("no factor '") + name + "'");
    }
  }
  for (const char* group : {"gemm", "attention"}) {
    if (!(group == std::string("gemm") ? out.gemm : out.attention).contains("pooled")) {
      reader.fail(group, "no 'pooled' constant for families without their own");
    }
  }
}

}  // namespace

double Efficiency::factor(std::string_view name) const {
  const auto found = factors.find(name);
  if (found == factors.end()) {
    throw std::logic_error("no factor " + std::string(name));
  }
  return found->second.value;
}

Result<Efficiency> read_efficiency(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  reader.tolerate_unknown();
  json::read_schema(reader, "calibration", 1);
  Efficiency out;
  for (const char* key : {"kind", "training"}) {
    reader.require(key);
  }
  out.id = reader.string("id").value_or("");
  if (const auto kind = reader.string("kind"); kind && *kind != "training") {
    reader.fail("kind", "a calibration of kind '" + *kind + "' says nothing about training",
                "write one with scaleplan calibrate from cases of kind 'training'");
  }
  reader.object("training", [&](json::ObjectReader& object) { read_training(object, out); });
  if (has_errors(diagnostics)) {
    return diagnostics;
  }
  return out;
}

json::Value to_json(const Efficiency& efficiency) {
  json::Value out;
  out.set("gemm", value_of(efficiency.gemm));
  out.set("attention", value_of(efficiency.attention));
  out.set("factors", value_of(efficiency.factors));
  out.set("between_sources", efficiency.between_sources);
  out.set("within_source", efficiency.within_source);
  out.set("moe_sd", efficiency.moe_sd);
  return out;
}

Result<Efficiency> default_efficiency(const json::Catalogue& catalogue) {
  const Result<json::Document> document = catalogue.find("calibrations", "training");
  if (!document) {
    return document.errors();
  }
  return read_efficiency(*document);
}

}  // namespace scaleplan::training
