#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "calibration/training_words.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::calibration {
namespace {

constexpr std::int64_t most = 1LL << 40;

// Reads one record; what cannot be predicted leaves a reason in `skip`.
class Record {
 public:
  Record(json::ObjectReader& reader, const json::Catalogue& catalogue, TrainingCases& out)
      : reader_(&reader), catalogue_(&catalogue), out_(&out) {}

  void read() {
    for (const char* key : {"id", "model", "cluster", "layout", "measured"}) {
      reader_->require(key);
    }
    c_.id = reader_->string("id").value_or("");
    c_.publisher = reader_->string("publisher").value_or(c_.id);
    c_.score = reader_->string("score").value_or("main");
    c_.source = reader_->string("source").value_or("");
    reader_->object("model", [&](json::ObjectReader& r) { read_model(r), count_ignored(r, "model"); });
    reader_->object("layout", [&](json::ObjectReader& r) { read_layout(r), count_ignored(r, "layout"); });
    reader_->object("cluster", [&](json::ObjectReader& r) { read_cluster(r), count_ignored(r, "cluster"); });
    c_.words = lower(words_.engine + " " + c_.publisher + " " + c_.source + " " + note_ + " " +
                     reader_->string("notes").value_or(""));
    if (skip_.empty()) {
      settle();
    }
    const std::string convention = reader_->string("flops_convention").value_or("");
    reader_->object("measured", [&](json::ObjectReader& r) {
      read_measured(r, convention);
      count_ignored(r, "measured");
    });
    count_ignored(*reader_, "");
    if (skip_.empty() && !c_.step_time_s && c_.memory.empty()) {
      skip_ = "no step time, tokens/s, TFLOP/s or memory";
    }
    if (skip_.empty()) {
      out_->cases.push_back(std::move(c_));
    } else {
      out_->skipped.push_back({c_.id, skip_});
    }
  }

 private:
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
    return text;
  }

  void count_ignored(json::ObjectReader& reader, const std::string& where) {
    for (const std::string& key : reader.finish(json::ObjectReader::Unknown::ignore)) {
      ++out_->ignored[where.empty() ? key : fmt::format("{}.{}", where, key)];
    }
  }

  void skip(std::string reason) {
    if (skip_.empty()) {
      skip_ = std::move(reason);
    }
  }

  void read_model(json::ObjectReader& r) {
    model::Shape& s = c_.job.shape;
    for (const char* key : {"layers", "hidden", "heads", "seq", "vocab"}) {
      r.require(key);
    }
    s.layers = r.integer("layers", 1, most).value_or(1);
    s.hidden = r.integer("hidden", 1, most).value_or(1);
    s.heads = r.integer("heads", 1, most).value_or(1);
    s.kv_heads = r.integer("kv_heads", 1, most).value_or(s.heads);
    s.head_size = r.integer("head_dim", 1, most).value_or(s.hidden / s.heads);
    s.ffn = r.integer("ffn", 0, most).value_or(0);
    s.vocabulary = r.integer("vocab", 1, most).value_or(1);
    s.gated = r.boolean("gated_ffn").value_or(false);
    s.tied = r.boolean("tied_embeddings").value_or(false);
    s.norm = s.gated ? model::Norm::rms : model::Norm::layer;
    c_.job.sequence_length = r.integer("seq", 1, most).value_or(1);
    const std::int64_t experts = r.integer("experts", 0, most).value_or(0);
    if (experts > 1) {
      s.experts.experts = experts;
      s.experts.per_token = r.integer("experts_per_token", 1, most).value_or(1);
      s.experts.expert_ffn = r.integer("expert_ffn", 1, most).value_or(1);
      s.experts.shared_ffn = r.integer("shared_experts", 0, most).value_or(0) * s.experts.expert_ffn;
      s.experts.dense_layers = r.integer("dense_layers", 0, most).value_or(0);
    } else if (s.ffn == 0) {
      skip("no width of the feed-forward network");
    }
    read_window(r.string("attention").value_or(""));
    r.accept("name");
    r.accept("params");
  }

  // "…, alternate layers use a 128-token sliding window"
  void read_window(const std::string& text) {
    const std::size_t at = text.find("-token sliding window");
    if (at == std::string::npos) {
      return;
    }
    std::size_t first = at;
    while (first > 0 && std::isdigit(static_cast<unsigned char>(text[first - 1])) != 0) {
      --first;
    }
    model::Shape& s = c_.job.shape;
    s.window = std::strtoll(text.c_str() + first, nullptr, 10);
    s.window_layers = text.find("alternate") != std::string::npos ? s.layers / 2 : s.layers;
  }

  void read_layout(json::ObjectReader& r) {
    model::Layout& l = c_.layout;
    stated_dp_ = r.integer("dp", 1, most);
    const auto tp = r.integer("tp", 1, most);
    const auto pp = r.integer("pp", 1, most);
    l.tp = tp.value_or(1);
    l.pp = pp.value_or(1);
    l.cp = r.integer("cp", 1, most).value_or(1);
    l.ep = r.integer("ep", 1, most).value_or(1);
    stated_interleave_ = r.integer("interleave", 1, most);
    l.zero_group = r.integer("zero_group", 1, most).value_or(0);
    l.sequence_parallel = r.boolean("sequence_parallel").value_or(false);
    micro_batch_ = r.integer("micro_batch", 1, most);
    c_.job.global_batch = r.integer("global_batch", 1, most).value_or(0);
    words_.engine = r.string("engine").value_or("");
    words_.recompute = r.string("recompute").value_or("");
    words_.precision = r.string("precision").value_or("bf16");
    words_.async_tp = r.boolean("async_tp").value_or(false);
    words_.compiled = r.boolean("torch_compile").value_or(false);
    words_.scatter_gather = r.boolean("scatter_gather_p2p").value_or(false);
    note_ = r.string("optimizer_note").value_or("");
    const json::Value* zero = r.raw("zero");
    if (zero != nullptr && zero->is_number()) {
      l.zero = static_cast<int>(r.integer("zero", 0, 3).value_or(0));
    } else if (zero != nullptr && zero->is_string()) {
      skip("states on the host or on disk ('" + zero->string() + "')");
    }
    if (!tp || !pp) {
      skip("the layout is not published");
    }
  }

  void read_cluster(json::ObjectReader& r) {
    r.require("device");
    const std::string id = r.string("device").value_or("");
    const auto count = r.integer("count", 1, most);
    hardware::Node node;
    hardware::Network network;
    if (const auto nic = r.quantity("nic_bytes_per_s_per_device", Dimension::byte_rate, {0, 1e300, true})) {
      network.nic_bandwidth = BytesPerSecond(*nic);
    }
    if (const auto pods = r.integer("pods", 1, most); pods && count) {
      network.pod_devices = *count / *pods;
    }
    const auto per_node = r.integer("devices_per_node", 1, 1 << 20);
    const auto domain = r.integer("nvlink_domain", 1, 1 << 20);
    const auto bandwidth = r.quantity("memory_bandwidth_bytes_per_s", Dimension::byte_rate, {0, 1e300, true});
    const auto memory = r.quantity("memory_bytes", Dimension::bytes, {0, 1e300, true});
    note_ += " " + r.string("network").value_or("");
    for (const char* key : {"name", "variant"}) {
      r.accept(key);
    }
    if (!count) {
      return skip("the number of devices is not published");
    }
    Result<hardware::Device> device = hardware::find_device(*catalogue_, id);
    if (!device) {
      if (!id.empty()) {
        r.fail("device", device.errors().front().message, device.errors().front().remedy);
      }
      return skip("unknown device");
    }
    if (bandwidth) {
      device->memory_bandwidth = BytesPerSecond(*bandwidth);
    }
    if (memory) {
      device->memory = Bytes(*memory);
      device->memory_reported.reset();
    }
    node.devices = static_cast<int>(per_node.value_or(device->devices_per_node));
    device->scale_up_devices = static_cast<int>(domain.value_or(device->scale_up_devices));
    const Result<hardware::Machine> machine =
        hardware::machine_of(*device, per_node ? &node : nullptr, *count, network);
    if (!machine) {
      return skip(machine.errors().front().message);
    }
    c_.job.machine = *machine;
  }

  void settle() {
    model::Layout& l = c_.layout;
    const std::int64_t rest = l.tp * l.pp * l.cp;
    const std::int64_t devices = c_.job.machine.devices;
    l.dp = stated_dp_.value_or(std::max<std::int64_t>(1, devices / rest));
    if (l.devices() != devices) {
      return skip(fmt::format("tp·pp·cp·dp = {} is not its {} devices", l.devices(), devices));
    }
    if (c_.job.global_batch == 0) {
      return skip("no global batch");
    }
    l.micro_batch = micro_batch_.value_or(std::max<std::int64_t>(1, c_.job.global_batch / l.dp));
    if (!micro_batch_) {
      if (l.pp > 1 || c_.job.global_batch % l.dp != 0) {
        return skip("no micro-batch");
      }
      c_.assumed.emplace_back("one micro-batch per step");
    }
    const auto precision = precision_of(words_.precision);
    if (!precision) {
      return skip("unknown precision '" + words_.precision + "'");
    }
    c_.job.precision = *precision;
    const hardware::Machine& machine = c_.job.machine;
    if (l.zero == 3 && l.zero_group == 0 && machine.torus_axes > 0 && machine.pod_devices < devices) {
      l.zero_group = std::max<std::int64_t>(1, l.dp * l.cp * machine.pod_devices / devices);
      c_.assumed.emplace_back("states sharded inside a pod");
    }
    l.recompute = recompute_of(words_, c_);
    settle_engine(words_, c_);
    l.interleave = stated_interleave_.value_or(usual_interleave(c_));
    if (const std::string wrong = training::defect(c_.job); !wrong.empty()) {
      skip(wrong);
    }
  }

  void read_measured(json::ObjectReader& r, const std::string& convention) {
    const json::ObjectReader::Range positive{0, 1e300, true};
    const auto step = r.number("step_time_s", positive);
    const auto tokens = r.number("tokens_per_s", positive);
    const auto each = r.number("tokens_per_s_per_device", positive);
    const auto rate = r.number("tflops_per_device", positive);
    for (const char* key : {"memory_gib", "memory_states_gib", "memory_activations_gib",
                            "activation_memory_fraction_of_tp_baseline"}) {
      if (const auto reading = r.number(key, positive)) {
        c_.memory[key] = *reading;
      }
    }
    if (!skip_.empty()) {
      return;
    }
    const double step_tokens = static_cast<double>(c_.job.global_batch * c_.job.sequence_length);
    c_.timed = step || tokens || each;
    if (step) {
      c_.step_time_s = *step;
    } else if (tokens) {
      c_.step_time_s = step_tokens / *tokens;
    } else if (each) {
      c_.step_time_s = step_tokens / (*each * static_cast<double>(c_.job.machine.devices));
    } else if (rate) {
      c_.step_time_s = seconds_from_flop(c_, *rate * 1e12, convention, c_.assumed);
    }
  }

  json::ObjectReader* reader_;
  const json::Catalogue* catalogue_;
  TrainingCases* out_;
  TrainingCase c_;
  Words words_;
  std::string note_;
  std::string skip_;
  std::optional<std::int64_t> stated_dp_;
  std::optional<std::int64_t> micro_batch_;
  std::optional<std::int64_t> stated_interleave_;
};

}  // namespace

Result<TrainingCases> read_training_cases(const json::Document& document, const json::Catalogue& catalogue) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  TrainingCases out;
  reader.objects("cases",
                 [&](json::ObjectReader& record, std::size_t) { Record(record, catalogue, out).read(); });
  if (has_errors(diagnostics)) {
    return diagnostics;
  }
  if (out.cases.empty()) {
    return error("no case can be predicted",
                 out.skipped.empty() ? "" : "the first was skipped: " + out.skipped.front().reason);
  }
  return out;
}

}  // namespace scaleplan::calibration
