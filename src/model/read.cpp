#include <cmath>

#include "model/read.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/model/family.hpp"

namespace scaleplan::model {

namespace {

void read_aspect(json::ObjectReader& reader, Family& family) {
  reader.require("aspect");
  reader.object("aspect", [&](json::ObjectReader& aspect) {
    const json::ObjectReader::Range positive{0, 1e6, true};
    family.aspect_low = aspect.number("low", positive).value_or(64);
    family.aspect_high = aspect.number("high", positive).value_or(160);
    family.aspect_reference = aspect.number("reference", positive).value_or(128);
    if (!(family.aspect_low <= family.aspect_reference && family.aspect_reference <= family.aspect_high)) {
      aspect.fail("reference", "the reference aspect must lie between low and high",
                  "give low <= reference <= high");
    }
    aspect.finish();
  });
}

void read_checks(json::ObjectReader& reader, Family& family) {
  reader.objects("checks", [&](json::ObjectReader& check, std::size_t) {
    FamilyCheck c;
    c.layers = check.integer("layers", 1, 100000).value_or(0);
    c.hidden = check.integer("hidden", 1, widest).value_or(0);
    c.params = check.integer("params", 1, std::int64_t{1} << 60).value_or(0);
    check.accept("source");
    check.finish();
    family.checks.push_back(c);
  });
}

void read_rounding(json::ObjectReader& reader, Family& family) {
  family.base.head_size = reader.integer("head_size", 1, widest).value_or(128);
  family.hidden_per_head = reader.integer("hidden_per_head", 1, widest).value_or(family.base.head_size);
  family.hidden_multiple_of =
      reader.integer("hidden_multiple_of", 1, widest).value_or(family.hidden_per_head);
  family.ffn_multiple_of = reader.integer("ffn_multiple_of", 1, widest).value_or(1);
  family.ffn_ratio = reader.number("ffn_ratio", {0, 1000, true}).value_or(4);
  family.expert_ffn_ratio = reader.number("expert_ffn_ratio", {0, 1000}).value_or(0);
  family.sequence_length = reader.integer("sequence_length", 1, most).value_or(8192);
  for (double kv : reader.numbers("kv_heads").value_or(std::vector<double>{})) {
    if (kv < 1 || kv > 1e6 || kv != std::floor(kv)) {
      reader.fail("kv_heads", "key/value heads are whole numbers from 1");
    } else {
      family.kv_heads.push_back(static_cast<std::int64_t>(kv));
    }
  }
}

}  // namespace

Result<Family> read_family(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "family", 1);
  Family family;
  family.id = reader.string("id").value_or("");
  family.title = reader.string("title").value_or("");
  family.source = reader.string("source").value_or("");
  reader.accept("notes");
  read_rounding(reader, family);
  read_common(reader, family.base);
  read_aspect(reader, family);
  read_checks(reader, family);
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return family;
}

Result<Model> read_model(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "model", 1);
  Model model;
  model.id = reader.string("id").value_or("");
  model.title = reader.string("title").value_or("");
  model.source = reader.string("source").value_or("");
  if (const auto notes = reader.string("notes")) {
    model.notes.push_back(*notes);
  }
  model.sequence_length = reader.integer("sequence_length", 1, most).value_or(0);
  reader.require("shape");
  reader.object("shape", [&](json::ObjectReader& shape) {
    model.shape = read_shape(shape);
    shape.finish();
  });
  reader.object("checks", [&](json::ObjectReader& checks) {
    model.published_total = checks.integer("params", 1, std::int64_t{1} << 60);
    model.published_active = checks.integer("active_params", 1, std::int64_t{1} << 60);
    model.published_tolerance = checks.number("tolerance", {0, 0.05}).value_or(0);
    model.published_active_tolerance =
        checks.number("active_tolerance", {0, 0.05}).value_or(model.published_tolerance);
    checks.accept("source");
    checks.finish();
  });
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return model;
}

Result<Family> find_family(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("families", id);
  if (!document) return document.errors();
  return read_family(*document);
}

Result<Model> find_model(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("models", id);
  if (!document) return document.errors();
  return read_model(*document);
}

}  // namespace scaleplan::model
