#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/scenario_reading.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/training/throughput.hpp"

namespace scaleplan::plan {

namespace {

constexpr std::int64_t widest = std::int64_t{1} << 21;
const std::string default_family = "llama3";

// A whole number from `low`, or a list of such to choose from; nothing when it is neither.
std::vector<std::int64_t> whole_numbers(json::ObjectReader& model, const char* key, double low, double high,
                                        const char* remedy) {
  const json::Value* value = model.raw(key);
  if (value == nullptr) return {};
  const json::Array one{*value};
  const json::Array& items = value->is_array() ? value->array() : one;
  std::vector<std::int64_t> out;
  for (const json::Value& item : items) {
    const double number = item.is_number() ? item.number() : -1;
    if (number < low || number > high || number != std::floor(number)) {
      model.fail(key,
                 fmt::format("expected a whole number from {} to {}, or a list of such", format_number(low),
                             format_number(high)),
                 remedy);
      return {};
    }
    const auto whole = static_cast<std::int64_t>(number);
    if (std::find(out.begin(), out.end(), whole) == out.end()) out.push_back(whole);
  }
  if (out.empty()) model.fail(key, "an empty list", remedy);
  return out;
}

// A value, or a list of one.
const json::Value* single(json::ObjectReader& reader, std::string_view key) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr || !value->is_array()) return value;
  if (value->array().size() == 1) return &value->array().front();
  reader.fail(key, fmt::format("one {} goes with an assumed throughput", key), "give one value");
  return nullptr;
}

void read_family(Reading& reading, json::ObjectReader& model, bool present) {
  const std::string id = present ? model.string("family").value_or(default_family) : default_family;
  Result<model::Family> family = model::find_family(reading.catalogue, id);
  if (!family) return reading.adopt(model, "family", family.errors());
  reading.scenario.model.family = *family;
  if (!present || !model.has("family")) reading.assume("model.family", id, "default");
}

void read_params(Reading& reading, json::ObjectReader& model) {
  const json::ObjectReader::Range sizes{1, 1e16, false};
  const json::Value* params = model.raw("params");
  if (params == nullptr) return;
  if (!params->is_object()) {
    reading.scenario.pinned_params = given(model, "params", Dimension::params, sizes);
    return;
  }
  model.object("params", [&](json::ObjectReader& range) {
    ModelChoice& choice = reading.scenario.model;
    choice.params_min = given(range, "min", Dimension::params, sizes);
    choice.params_max = given(range, "max", Dimension::params, sizes);
    if (choice.params_min && choice.params_max && choice.params_min->value > choice.params_max->value) {
      range.fail("min", "min is above max", "swap the two");
    }
    refuse(range, {"step"});
    range.finish();
  });
}

void read_experts(Reading& reading, json::ObjectReader& model) {
  std::vector<std::int64_t> counts = whole_numbers(model, "experts", 0, 100000, "0 and 1 mean a dense model");
  if (counts.empty()) return;
  for (std::int64_t& count : counts) count = std::max<std::int64_t>(1, count);
  ModelChoice& choice = reading.scenario.model;
  choice.experts = Given{static_cast<double>(counts.front()), place_of(model, "experts")};
  choice.family.base.experts.experts = counts.front();
  if (*std::max_element(counts.begin(), counts.end()) > 1) {
    reading.assume("model.experts_per_token", choice.family.base.experts.per_token,
                   "family " + choice.family.id);
  }
  choice.expert_counts = std::move(counts);
}

void read_vocabulary(Reading& reading, json::ObjectReader& model) {
  ModelChoice& choice = reading.scenario.model;
  choice.vocabularies = whole_numbers(model, "vocabulary", 1, 1e9, "for example 128256");
  if (!choice.vocabularies.empty()) choice.family.base.vocabulary = choice.vocabularies.front();
}

// What is left may be an input of the loss law; the law is not known yet, so `solve` judges the names.
void read_law_inputs(Reading& reading, json::ObjectReader& model) {
  static const std::vector<std::string> known{"family", "params", "vocabulary", "experts",
                                              "hidden_multiple_of"};
  for (const std::string& key : model.finish(json::ObjectReader::Unknown::ignore)) {
    if (model.raw(key)->is_number()) {
      reading.scenario.model.inputs[key] = Given{model.raw(key)->number(), place_of(model, key)};
    } else {
      model.fail(key, fmt::format("unknown key \"{}\"", key), did_you_mean(key, known));
    }
  }
}

void read_precision(Reading& reading, json::ObjectReader& training, TrainingChoice& choice) {
  const json::Value* precision = single(training, "precision");
  if (precision != nullptr && !precision->is_string()) {
    training.fail("precision", "expected a matrix-multiply type in quotes", "for example \"bf16\"");
    return;
  }
  choice.precision = precision != nullptr ? precision->string() : "bf16";
  if (precision == nullptr) reading.assume("training.precision", choice.precision, "default");
}

void read_assumed(Reading& reading, json::ObjectReader& assumed, TrainingChoice& choice) {
  for (const char* key : {"device", "devices"}) assumed.require(key);
  if (auto id = assumed.string("device")) {
    Result<hardware::Device> device = hardware::find_device(reading.catalogue, *id);
    if (!device) {
      reading.adopt(assumed, "device", device.errors());
    } else {
      choice.device = *device;
      Result<FlopPerSecond> peak = training::matmul_peak(*device, choice.precision);
      if (!peak) reading.adopt(assumed, "device", peak.errors());
    }
  }
  choice.devices = assumed.quantity("devices", Dimension::count, {1, 1e9, false}).value_or(1);
  if (auto mfu = assumed.quantity("mfu", Dimension::fraction, {0, 1, true})) {
    choice.mfu = *mfu;
  } else if (!assumed.has("mfu")) {
    choice.mfu = 0.4;
    reading.assume("training.assumed.mfu", choice.mfu, "default; large runs report 0.3 to 0.5");
  }
  choice.usd_per_device_hour = assumed.quantity("usd_per_device_hour", Dimension::dollars, {0, 1e6, true});
  assumed.accept("price_date");
  assumed.finish();
}

}  // namespace

void read_model(Reading& reading, json::ObjectReader& root) {
  const bool present = root.object("model", [&](json::ObjectReader& model) {
    read_family(reading, model, true);
    read_params(reading, model);
    read_vocabulary(reading, model);
    read_experts(reading, model);
    if (auto multiple = model.integer("hidden_multiple_of", 1, widest)) {
      reading.scenario.model.family.hidden_multiple_of = *multiple;
    }
    const model::Family& family = reading.scenario.model.family;
    if (!family.id.empty()) {
      const std::string wrong = model::defect(model::smallest_shape(family));
      if (!wrong.empty()) {
        root.fail("model", "the family has no possible shape: " + wrong,
                  "choose smaller experts, vocabulary or hidden_multiple_of");
      }
    }
    read_law_inputs(reading, model);
  });
  if (!present) read_family(reading, root, false);
}

void read_data(Reading& reading, json::ObjectReader& root) {
  DataChoice& data = reading.scenario.data;
  root.object("data", [&](json::ObjectReader& object) {
    data.unique_tokens = given(object, "unique_tokens", Dimension::tokens, {1, 1e20, false});
    data.max_epochs = given(object, "max_epochs", Dimension::number, {0, 1e6, true});
    if (auto constant = object.number("repetition_constant", {0, 1e9, true})) {
      data.repetition_constant = *constant;
      data.repetition_given = true;
    }
    data.sequence_length = object.integer("sequence_length", 1, 1 << 30).value_or(0);
    read_stages(reading, object);
    object.finish();
  });
  if (data.sequence_length == 0) {
    const model::Family& family = reading.scenario.model.family;
    data.sequence_length = family.sequence_length;
    reading.assume("data.sequence_length", data.sequence_length, "family " + family.id);
  }
}

void read_training(Reading& reading, json::ObjectReader& root) {
  root.object("training", [&](json::ObjectReader& training) {
    TrainingChoice choice;
    if (training.has("assumed")) read_precision(reading, training, choice);
    const bool assumed = training.object(
        "assumed", [&](json::ObjectReader& object) { read_assumed(reading, object, choice); });
    if (assumed) reading.scenario.training = choice;
    if (!assumed && !training.has("clusters") && training.has("precision")) {
      training.fail("precision", "a precision says nothing without devices",
                    "add training.assumed or training.clusters, or remove it");
    }
    if (training.has("clusters")) {
      read_fleet(reading, training, assumed);
    } else {
      for (const char* key : {"optimizer", "power_cap_w", "layouts", "failures", "other_device_hours"}) {
        if (training.has(key)) {
          training.fail(key, fmt::format("{} says nothing without machines", key),
                        "add training.clusters or remove it");
        }
        training.accept(key);
      }
    }
    read_done(reading, training);
    read_sites(reading, training);
    read_schedule(reading, training);
    training.finish();
  });
}

void read_laws(Reading& reading, json::ObjectReader& root) {
  LossChoice& loss = reading.scenario.loss;
  root.object("laws", [&](json::ObjectReader& laws) {
    const json::Value* value = laws.raw("loss");
    if (value != nullptr && value->is_string()) {
      loss = {LossChoice::Kind::catalogue, value->string(), "", "", place_of(laws, "loss")};
    } else if (value != nullptr) {
      laws.object("loss", [&](json::ObjectReader& object) {
        loss.place = place_of(laws, "loss");
        loss.group = object.string("group").value_or("");
        const std::string set = object.string("set").value_or("");
        if (auto path = object.string("fit")) {
          loss.kind = LossChoice::Kind::fit;
          loss.path = *path;
        } else if (auto id = object.string("id")) {
          loss.kind = LossChoice::Kind::catalogue;
          loss.name = set.empty() ? *id : *id + ":" + set;
        } else if (!set.empty()) {
          object.fail("set", "a set of which law?", "add id");
        }
        if (object.has("fit") && (object.has("id") || object.has("set"))) {
          object.fail("fit", "a fit and a law of the catalogue cannot both predict the loss",
                      "keep one of them");
        }
        object.finish();
      });
    }
    for (const char* kind : {"batch", "learning_rate", "critical_batch"}) {
      auto name = laws.string(kind);
      if (name && *name != "auto") {
        reading.scenario.hyperparameter_laws[kind] = {*name, place_of(laws, kind)};
      }
    }
    read_score(reading, laws);
    laws.finish();
  });
  if (loss.kind == LossChoice::Kind::assumed) reading.assume("laws.loss", loss.name, "default");
}

}  // namespace scaleplan::plan
