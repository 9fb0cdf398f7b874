#include <fmt/format.h>

#include <cmath>
#include <set>

#include "calibration/serving.hpp"
#include "calibration/serving_words.hpp"
#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::calibration {

namespace {

constexpr json::ObjectReader::Range positive{0, 1e18, true};

// What publishers leave out: chat prompts, and the prompts of MLPerf's question sets.
constexpr double chat_prompt = 200;
constexpr double mlperf_prompt = 300;
constexpr double cache_share = 0.28;  // of memory, which decides the replica where no cut is published

struct Record {
  std::string model, device, precision, scenario, framework, source, note, arrival, score_reason;
  double count = 1;
  std::optional<double> tp, pp, ep, dp, batch, concurrency, rate, input, output;
};

std::optional<double> number(json::ObjectReader& reader, std::string_view key) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return reader.number(key, {0, 1e18, false});
}

std::string text(json::ObjectReader& reader, std::string_view key) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr || value->is_null()) return {};
  return reader.string(key).value_or("");
}

Record read_record(json::ObjectReader& reader) {
  Record r;
  for (const auto& [key, member] : std::initializer_list<std::pair<const char*, std::string Record::*>>{
           {"model", &Record::model},
           {"device", &Record::device},
           {"precision", &Record::precision},
           {"scenario", &Record::scenario},
           {"framework", &Record::framework},
           {"source", &Record::source},
           {"note", &Record::note},
           {"arrival", &Record::arrival},
           {"score_reason", &Record::score_reason}}) {
    r.*member = text(reader, key);
  }
  r.count = reader.number("count", positive).value_or(1);
  r.tp = number(reader, "tp");
  r.pp = number(reader, "pp");
  r.ep = number(reader, "ep");
  r.dp = number(reader, "dp");
  r.batch = number(reader, "batch");
  r.concurrency = number(reader, "concurrency");
  r.rate = number(reader, "request_rate_per_s");
  r.input = number(reader, "input_len");
  r.output = number(reader, "output_len");
  return r;
}

// How the devices of a record make replicas.
struct Cut {
  double devices = 1;  ///< of one replica
  double pp = 1;
  bool attention_dp = false;
  bool expert_parallel = false;
};

double smallest_fit(const serving::Replica& one, double count) {
  double n = 1;
  while (n < count && one.weight_bytes() > (1 - cache_share) * n * one.memory) n *= 2;
  return std::min(n, count);
}

Cut cut_of(const Record& r, const serving::Replica& one, ServingCase& out) {
  Cut cut;
  const bool squared = mentions(r.score_reason, "squared");
  const double ep = r.ep.value_or(1);
  if (!r.tp) {
    cut.devices = smallest_fit(one, r.count);
    out.assumed.push_back(fmt::format("tp {}: the smallest that leaves 28 % of memory", cut.devices));
    return cut;
  }
  const bool ranks_by_experts = *r.tp == 1 && ep > 1 && ep == r.count;  // no other cut uses all devices
  const bool stated = mentions(r.note, "attention data parallel");
  cut.devices = squared ? std::round(std::sqrt(r.count)) : r.count;
  cut.attention_dp = cut.devices > 1 && (r.dp.value_or(1) > 1 || ranks_by_experts || stated);
  if (!squared && !cut.attention_dp) cut.devices = *r.tp * r.pp.value_or(1);
  cut.pp = r.pp.value_or(1);
  cut.expert_parallel = ep > 1;
  if (squared) out.assumed.push_back(fmt::format("{} devices: count and tp are squared", cut.devices));
  return cut;
}

std::optional<std::string> read_load(const Record& r, double replicas, ServingCase& out) {
  using Kind = serving::Load::Kind;
  const double batch = r.batch.value_or(1);
  if (mentions(r.scenario, "MLPerf")) {
    out.load.kind = Kind::maximum;  // its server rate is the highest that kept the limits
  } else if (r.arrival == "single" || mentions(r.scenario, "static batch")) {
    out.load = {Kind::batch, batch / replicas};
    out.arrival = "idle";
  } else if (mentions(r.scenario, "fixed running batch")) {
    out.load = {Kind::fixed, batch / replicas};
  } else if (r.arrival == "closed") {
    if (!r.concurrency) return "concurrency not stated";
    out.load = {Kind::closed, *r.concurrency / replicas};
    out.arrival = "closed";
  } else if (r.arrival == "open") {
    if (!r.rate) return "request rate not stated";
    const double requests =
        number_before(r.note, "-request").value_or(number_before(r.source, " requests").value_or(0));
    out.load = {Kind::open, 0, *r.rate / replicas, requests / replicas};
    out.arrival = "open";
  } else if (r.arrival != "max_load") {
    return "arrival '" + r.arrival + "' is not known";
  }
  return std::nullopt;
}

// A single request's rate that is the inverse of its time per token says nothing new.
bool repeats(double tokens_per_s, double tpot_s, double batch) {
  return std::fabs(tokens_per_s * tpot_s / batch - 1) < 0.02;
}

void read_targets(json::ObjectReader& measured, const Record& r, ServingCase& out) {
  using What = ServingTarget::What;
  using Kind = serving::Load::Kind;
  const auto tokens = number(measured, "tokens_per_s");
  const auto tpot = number(measured, "tpot_s");
  const bool mlperf = mentions(r.scenario, "MLPerf");
  const bool single = out.load.kind == Kind::batch && tokens && tpot;
  if (tokens && *tokens > 0 && !(single && repeats(*tokens, *tpot, out.load.sequences))) {
    out.targets.push_back({What::tokens_per_s, *tokens});
  }
  // the batch that kept MLPerf's latency limits is not published
  if (tpot && *tpot > 0 && !mlperf) {
    const bool median = mentions(r.note, "median inter-token");
    out.targets.push_back({median ? What::between_tokens_s : What::tpot_s, *tpot});
  }
  if (const auto ttft = number(measured, "ttft_s"); ttft && *ttft > 0 && !mlperf) {
    out.targets.push_back({What::ttft_s, *ttft});
  }
  if (const auto power = number(measured, "gpu_power_w_per_device"); power && *power > 0) {
    out.targets.push_back({What::power_w, *power});
    if (const auto energy = number(measured, "energy_per_output_token_j"); energy && *energy > 0) {
      out.targets.push_back({What::energy_j_per_token, *energy});
    }
  }
}

std::optional<std::string> unusable(const Record& r) {
  if (mentions(r.score_reason, "disaggregated")) return r.score_reason;
  if (mentions(r.score_reason, "not stated") || mentions(r.score_reason, "no concurrency")) {
    return r.score_reason;
  }
  if (!r.output || *r.output <= 0) return "output length not stated";
  return std::nullopt;
}

// Fills `out`; the reason when the record cannot be predicted.
std::optional<std::string> resolve(const Record& r, const model::Model& model,
                                   const json::Catalogue& catalogue, ServingCase& out) {
  if (auto reason = unusable(r)) return reason;
  const Result<hardware::Device> device = hardware::find_device(catalogue, r.device);
  if (!device) return "no device '" + r.device + "' in the catalogue";
  const Result<hardware::Machine> machine = hardware::machine_of(*device, nullptr, 1);
  if (!machine) return to_text(machine.errors().front());
  const Result<economy::DevicePower> power = economy::device_power(*device);
  if (!power) return to_text(power.errors().front());
  out.power = *power;
  const serving::Body body = serving::body_of(model.shape);
  const serving::Engine engine = served_engine(r.framework, r.source);
  const std::string precision = served_precision(r.precision, r.model);
  const Result<serving::Numbers> numbers =
      serving::numbers_for(body, *device, engine, precision, serving::default_cache(engine, precision));
  if (!numbers) return to_text(numbers.errors().front());
  if (r.precision.empty()) out.assumed.emplace_back("precision bf16");
  out.replica = serving::replica_on(*machine, body, *numbers, engine, 1, 1);
  const Cut cut = cut_of(r, out.replica, out);
  if (cut.devices > 1 && !device->link_bandwidth) return "device " + device->id + " has no link bandwidth";
  out.replica.tp = cut.devices / cut.pp;
  out.replica.pp = cut.pp;
  out.replica.attention_dp = cut.attention_dp;
  out.replica.expert_parallel = cut.expert_parallel;
  out.replicas = r.count / cut.devices;
  if (mentions(r.score_reason, "squared")) out.replicas = 1;
  out.request.output = *r.output;
  out.request.input = r.input.value_or(mentions(r.scenario, "MLPerf") ? mlperf_prompt : chat_prompt);
  if (!r.input) out.assumed.push_back(fmt::format("prompts of {} tokens", out.request.input));
  if (const auto cap = number_before(r.note, " W of")) out.cap = Watts(*cap);
  return read_load(r, out.replicas, out);
}

}  // namespace

Result<ServingCases> read_serving_cases(const json::Document& document, const json::Catalogue& catalogue) {
  Diagnostics diagnostics;
  ServingCases out;
  json::ObjectReader root(document, document.root(), "", diagnostics);
  root.tolerate_unknown();
  json::read_schema(root, "cases", 1);
  std::set<std::string> ids;
  root.require("cases");
  root.objects("cases", [&](json::ObjectReader& reader, std::size_t) {
    for (const char* key : {"id", "model", "device", "count", "measured"}) reader.require(key);
    ServingCase found;
    found.id = reader.string("id").value_or("");
    if (!ids.insert(found.id).second) reader.fail("id", "a second case '" + found.id + "'");
    found.publisher = text(reader, "publisher");
    found.score = text(reader, "score");
    if (found.score.empty()) found.score = "main";
    const Record record = read_record(reader);
    const std::optional<model::Model> model = served_model(catalogue, record.model);
    std::optional<std::string> reason;
    if (!model) {
      reason = "no shape of model '" + record.model + "' in the catalogue";
    } else {
      ++out.shapes_known;
      reason = resolve(record, *model, catalogue, found);
    }
    reader.object("measured", [&](json::ObjectReader& measured) { read_targets(measured, record, found); });
    if (!reason && found.targets.empty()) reason = "nothing measured that is predicted";
    if (reason) {
      out.skipped.push_back({found.id, *reason});
    } else {
      out.cases.push_back(std::move(found));
    }
  });
  if (has_errors(diagnostics)) return diagnostics;
  return out;
}

}  // namespace scaleplan::calibration
