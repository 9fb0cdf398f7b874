#include "interop/launch/megatron_core.hpp"

#include <fmt/format.h>

#include <cmath>

namespace scaleplan::interop::megatron_core {
namespace {

const Row sizes[] = {{"num-layers", "shape.layers"},
                     {"hidden-size", "shape.hidden"},
                     {"num-attention-heads", "shape.heads"},
                     {"vocab-size", "shape.vocabulary"}};

const Row latent_sizes[] = {{"q-lora-rank", "shape.latent.q_rank"},
                            {"kv-lora-rank", "shape.latent.kv_rank", 512},
                            {"qk-head-dim", "shape.latent.nope_size", 128},
                            {"qk-pos-emb-head-dim", "shape.latent.rope_size", 64},
                            {"v-head-dim", "shape.latent.value_size", 128}};

const Row expert_sizes[] = {{"num-experts", "shape.experts.experts"},
                            {"moe-router-topk", "shape.experts.per_token", 2},
                            {"moe-shared-expert-intermediate-size", "shape.experts.shared_ffn"},
                            {"moe-shared-expert-gate", "shape.experts.shared_gate", false},
                            {"moe-router-enable-expert-bias", "shape.experts.router_bias", false}};

const Row degrees[] = {{"tensor-model-parallel-size", "layout.tp", 1},
                       {"pipeline-model-parallel-size", "layout.pp", 1},
                       {"context-parallel-size", "layout.cp", 1},
                       {"micro-batch-size", "layout.micro_batch"},
                       {"sequence-parallel", "layout.sequence_parallel", false}};

std::string default_of(std::string_view reason, std::string_view key) {
  return fmt::format("{} of {}", reason, key);
}

void read_biases(Settings& settings, Draft& draft) {
  const Setting* none = settings.take("disable-bias-linear");
  const bool all = !settings.flag("disable-bias-linear").value_or(false);
  const bool queries = settings.flag("add-qkv-bias").value_or(false);
  for (const char* bias : {"qkv_bias", "output_bias", "ffn_bias"}) {
    const std::string path = std::string("shape.") + bias;
    const bool on = all || (queries && bias == std::string_view("qkv_bias"));
    if (none == nullptr) {
      draft.assume(path, on, "linear layers have biases unless told otherwise");
    } else {
      draft.set(path, on, none->place);
    }
  }
}

bool write_biases(Outgoing& out, Arguments& arguments) {
  const model::Shape& shape = *out.proposal().shape;
  const bool all = shape.qkv_bias && shape.output_bias && shape.ffn_bias;
  if (!all && (shape.output_bias || shape.ffn_bias)) return false;  // stays, and is named
  for (const char* path : {"shape.qkv_bias", "shape.output_bias", "shape.ffn_bias"}) out.take(path);
  if (!all) arguments.add("disable-bias-linear");
  if (!all && shape.qkv_bias) arguments.add("add-qkv-bias");
  return true;
}

// Gated networks of width 4·h·2/3 in steps of 64, others of 4·h.
void read_width(Settings& settings, Draft& draft, std::string_view reason) {
  const bool gated = settings.flag("swiglu").value_or(false) ||
                     settings.flag("quick-geglu").value_or(false) ||
                     settings.flag("gated-linear-unit").value_or(false);
  if (const Setting* said = settings.take("swiglu")) {
    draft.set("shape.gated", gated, said->place);
  } else {
    draft.assume("shape.gated", gated, "no --swiglu");
  }
  settings.take("squared-relu");
  const Setting* said = settings.take("ffn-hidden-size");
  if (const auto width = settings.whole("ffn-hidden-size")) {
    draft.set("shape.ffn", *width, said->place);
  } else if (const auto hidden = draft.number("shape.hidden"); said == nullptr && hidden) {
    const double usual = gated ? std::floor(4 * *hidden * 2 / 3 / 64) * 64 : 4 * *hidden;
    draft.assume("shape.ffn", usual, default_of(reason, "ffn-hidden-size"));
  }
}

void read_positions(Settings& settings, Draft& draft) {
  const std::string kind = settings.word("position-embedding-type").value_or("learned_absolute");
  const Setting* length = settings.take("max-position-embeddings");
  const bool rotary = settings.flag("use-rotary-position-embeddings").value_or(false);
  if (kind != "learned_absolute" || rotary) return;
  if (const auto positions = settings.whole("max-position-embeddings")) {
    draft.set("shape.positions", *positions, length->place);
  }
}

void read_heads(Settings& settings, Draft& draft) {
  const bool grouped = settings.flag("group-query-attention").value_or(false);
  const Setting* groups = settings.take("num-query-groups");
  if (groups != nullptr && !grouped) {
    draft.notice("num-query-groups has no effect without group-query-attention", groups->place);
  } else if (const auto count = settings.whole("num-query-groups")) {
    draft.set("shape.kv_heads", *count, groups->place);
  }
  const Setting* channels = settings.take("kv-channels");
  if (const auto size = settings.whole("kv-channels")) draft.set("shape.head_size", *size, channels->place);
  const Setting* norm = settings.take("qk-layernorm");
  if (settings.flag("qk-layernorm").value_or(false)) draft.set("shape.qk_norm", "head", norm->place);
}

void read_window(Settings& settings, Draft& draft) {
  const Setting* window = settings.take("window-size");
  if (window == nullptr || text_of(window->value) == "None") return;
  const std::string text =
      window->value.is_array() ? text_of(window->value.array().front()) : text_of(window->value);
  const std::size_t digits = text.find_first_of("0123456789");
  const std::size_t end = text.find_first_not_of("0123456789", digits);
  const auto size = digits == std::string::npos
                        ? std::nullopt
                        : number_of(text.substr(digits, end == std::string::npos ? end : end - digits));
  if (!size || *size < 1) {
    settings.fail(*window, "window-size must be (tokens, 0)");
    return;
  }
  draft.set("shape.window", *size + 1, window->place);  // a token sees itself and so many before it
  const std::int64_t layers = draft.whole("shape.layers", 0);
  const std::int64_t skip = settings.whole("window-attn-skip-freq").value_or(0);
  draft.set("shape.window_layers", skip > 0 ? layers - layers / skip : layers, window->place);
}

void read_experts(Settings& settings, Draft& draft, std::string_view reason) {
  const Setting* experts = settings.take("num-experts");
  if (experts == nullptr || draft.whole("shape.experts.experts", 0) == 1) return;
  const Setting* width = settings.take("moe-ffn-hidden-size");
  if (const auto size = settings.whole("moe-ffn-hidden-size")) {
    draft.set("shape.experts.expert_ffn", *size, width->place);
  } else if (const auto ffn = draft.number("shape.ffn")) {
    draft.assume("shape.experts.expert_ffn", *ffn, default_of(reason, "moe-ffn-hidden-size"));
  }
  const Setting* pattern = settings.take("moe-layer-freq");
  if (pattern == nullptr) return;
  model::Experts routed;
  const std::int64_t layers = draft.whole("shape.layers", 0);
  if (layers > 0 && !read_layer_pattern(text_of(pattern->value), layers, routed)) {
    settings.fail(*pattern, fmt::format("this pattern of {} layers is not modelled", layers),
                  "modelled are dense layers in front, or every Nth layer routed");
    return;
  }
  draft.set("shape.experts.dense_layers", routed.dense_layers, pattern->place);
  draft.set("shape.experts.period", routed.period, pattern->place);
}

void write_experts(Outgoing& out, Arguments& arguments) {
  const model::Experts& experts = out.proposal().shape->experts;
  if (experts.experts <= 1) return;
  arguments.add_rows(expert_sizes, out);
  arguments.add("moe-ffn-hidden-size", out.need("shape.experts.expert_ffn"));
  out.take("shape.experts.dense_layers");
  out.take("shape.experts.period");
  const std::int64_t layers = out.proposal().shape->layers;
  if (experts.dense_layers > 0 && experts.period == 1) {
    arguments.add("moe-layer-freq",
                  fmt::format("([0]*{}+[1]*{})", experts.dense_layers, layers - experts.dense_layers));
  } else if (experts.dense_layers == 0 && experts.period > 1 && layers % experts.period == 0) {
    arguments.add("moe-layer-freq", experts.period);
  } else if (experts.dense_layers > 0 || experts.period > 1) {
    out.fail("dense layers in front beside a period of routed ones, or a broken period, cannot be told");
  }
}

void write_heads(Outgoing& out, Arguments& arguments) {
  const model::Shape& shape = *out.proposal().shape;
  out.take("shape.kv_heads");
  out.take("shape.head_size");
  if (shape.latent.kv_rank > 0) {
    arguments.add("multi-latent-attention");
    for (const Row& row : latent_sizes) {
      if (const auto value = out.take(std::string(row.path))) arguments.add(row.key, *value);
    }
  } else {
    if (shape.kv_heads != shape.heads) {
      arguments.add("group-query-attention");
      arguments.add("num-query-groups", shape.kv_heads);
    }
    arguments.add("kv-channels", shape.head_size);
  }
  if (shape.qk_norm == model::QkNorm::head) {
    out.take("shape.qk_norm");
    arguments.add("qk-layernorm");
  }
  const std::int64_t full = shape.layers - shape.window_layers;  // one after every so many with a window
  const bool regular = full == 0 || (shape.layers % full == 0 && full < shape.layers);
  if (shape.window > 1 && regular) {
    out.take("shape.window");
    out.take("shape.window_layers");
    arguments.add("window-size", fmt::format("({},0)", shape.window - 1));
    if (full > 0) arguments.add("window-attn-skip-freq", shape.layers / full);
  }
}

void read_sharing(Settings& settings, Draft& draft) {
  const Setting* optimizer = settings.take("use-distributed-optimizer");
  const bool shared = settings.flag("use-distributed-optimizer").value_or(false);
  const Setting* fsdp = settings.take("use-megatron-fsdp");
  const bool full = settings.flag("use-megatron-fsdp").value_or(false);
  const Setting* strategy = settings.take("data-parallel-sharding-strategy");
  if (full) {
    const std::string kind = settings.word("data-parallel-sharding-strategy").value_or("optim_grads_params");
    const int zero = kind == "optim_grads_params" ? 3 : kind == "optim_grads" ? 2 : kind == "optim" ? 1 : 0;
    if (strategy == nullptr)
      draft.notice(
          "FSDP without data-parallel-sharding-strategy; counted as optim_grads_params, the default since "
          "core_v0.19 (no_shard before)",
          fsdp->place);
    draft.set("layout.zero", zero, strategy == nullptr ? fsdp->place : strategy->place);
  } else if (settings.flag("use-torch-fsdp2").value_or(false)) {
    draft.set("layout.zero", 3, settings.take("use-torch-fsdp2")->place);
  } else if (shared) {
    draft.set("layout.zero", 1, optimizer->place);
  } else {
    draft.assume("layout.zero", 0, "no --use-distributed-optimizer");
  }
}

void read_recompute(Settings& settings, Draft& draft) {
  const Setting* granularity = settings.take("recompute-granularity");
  const Setting* short_form = settings.take("recompute-activations");
  const std::string kind = settings.word("recompute-granularity").value_or("");
  if (granularity != nullptr && (kind == "selective" || kind == "full")) {
    draft.set("layout.recompute", kind, granularity->place);
  } else if (granularity != nullptr && !kind.empty() && kind != "None") {
    settings.fail(*granularity, "recompute-granularity must be selective or full");
  } else if (settings.flag("recompute-activations").value_or(false)) {
    draft.set("layout.recompute", "selective", short_form->place);
  }
  const Setting* method = settings.take("recompute-method");
  const Setting* layers = settings.take("recompute-num-layers");
  if (kind == "full" && settings.word("recompute-method").value_or("") == "block" && layers != nullptr) {
    draft.notice("recompute-method block recomputes some layers of a stage; all are counted", method->place);
  }
}

void read_virtual_stages(Settings& settings, Draft& draft) {
  const Setting* stages = settings.take("num-virtual-stages-per-pipeline-rank");
  if (const auto count = settings.whole("num-virtual-stages-per-pipeline-rank")) {
    draft.set("layout.interleave", *count, stages->place);
  }
  const Setting* each = settings.take("num-layers-per-virtual-pipeline-stage");
  const auto layers = settings.whole("num-layers-per-virtual-pipeline-stage");
  if (!layers) return;
  if (stages != nullptr) {
    settings.fail(*each,
                  fmt::format("num-layers-per-virtual-pipeline-stage beside "
                              "num-virtual-stages-per-pipeline-rank in line {}",
                              stages->place.line),
                  "keep one of them");
    return;
  }
  const std::int64_t cut = draft.whole("layout.pp", 1) * *layers;
  const std::int64_t all = draft.whole("shape.layers", 0);
  if (cut < 1 || all % cut != 0) {
    settings.fail(*each, fmt::format("{} layers are no multiple of {} stages x {} layers", all,
                                     draft.whole("layout.pp", 1), *layers));
    return;
  }
  draft.set("layout.interleave", all / cut, each->place);
}

// Experts that are cut by tensor parallelism count as spread over as many more devices.
void read_expert_degrees(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("expert-model-parallel-size");
  const std::int64_t ep = settings.whole("expert-model-parallel-size").value_or(1);
  const std::int64_t experts = draft.whole("shape.experts.experts", 1);
  const Setting* tensor = settings.take("expert-tensor-parallel-size");
  const std::int64_t cut =
      settings.whole("expert-tensor-parallel-size").value_or(draft.whole("layout.tp", 1));
  if (said != nullptr) draft.set("layout.ep", ep, said->place);
  if (experts <= 1 || cut <= 1) return;
  const Place place = tensor != nullptr ? tensor->place : said != nullptr ? said->place : Place{};
  draft.notice(fmt::format("experts are cut by tensor parallelism of {}; counted as expert parallelism of {}",
                           cut, ep * cut),
               place);
  if (experts % (ep * cut) == 0) draft.set("layout.ep", ep * cut, place);
}

}  // namespace

void read_shape(Settings& settings, Draft& draft, std::string_view reason) {
  read_rows(sizes, settings, draft, reason);
  read_heads(settings, draft);
  read_width(settings, draft, reason);
  read_biases(settings, draft);
  read_positions(settings, draft);
  read_window(settings, draft);
  const Setting* tied = settings.take("untie-embeddings-and-output-weights");
  const bool untied = settings.flag("untie-embeddings-and-output-weights").value_or(false);
  if (tied != nullptr) {
    draft.set("shape.tied", !untied, tied->place);
  } else {
    draft.assume("shape.tied", true, "no --untie-embeddings-and-output-weights");
  }
  const Setting* norm = settings.take("normalization");
  const std::string kind = settings.word("normalization").value_or("LayerNorm");
  if (norm != nullptr && kind != "LayerNorm" && kind != "RMSNorm") {
    settings.fail(*norm, "normalization must be LayerNorm or RMSNorm");
  } else if (norm != nullptr) {
    draft.set("shape.norm", kind == "RMSNorm" ? "rms" : "layer", norm->place);
  } else {
    draft.assume("shape.norm", "layer", default_of(reason, "normalization"));
  }
  if (settings.flag("multi-latent-attention").value_or(false))
    read_rows(latent_sizes, settings, draft, reason);
  if (settings.has("num-experts")) read_rows(expert_sizes, settings, draft, reason);
  read_experts(settings, draft, reason);
}

void write_shape(Outgoing& out, Arguments& arguments) {
  if (!out.proposal().shape) {
    out.need("shape");
    return;
  }
  const model::Shape& shape = *out.proposal().shape;
  arguments.add_rows(sizes, out);
  write_heads(out, arguments);
  if (const auto width = out.take("shape.ffn")) arguments.add("ffn-hidden-size", *width);
  out.take("shape.gated");
  if (shape.gated) arguments.add("swiglu");
  write_biases(out, arguments);
  out.take("shape.tied");
  if (!shape.tied) arguments.add("untie-embeddings-and-output-weights");
  if (shape.norm != model::Norm::plain) {
    out.take("shape.norm");
    arguments.add("normalization", shape.norm == model::Norm::rms ? "RMSNorm" : "LayerNorm");
  }
  const auto positions = out.take("shape.positions");
  arguments.add("position-embedding-type", positions ? "learned_absolute" : "rope");
  const auto length = positions ? positions : out.take("sequence_length");
  if (length) arguments.add("max-position-embeddings", *length);
  write_experts(out, arguments);
}

void read_layout(Settings& settings, Draft& draft, std::string_view reason) {
  read_rows(degrees, settings, draft, reason);
  if (!draft.has("layout.micro_batch")) draft.assume("layout.micro_batch", 1, "no micro-batch size is said");
  read_virtual_stages(settings, draft);
  read_sharing(settings, draft);
  read_recompute(settings, draft);
  read_expert_degrees(settings, draft);
}

void write_layout(Outgoing& out, Arguments& arguments) {
  if (!out.proposal().layout) {
    out.need("layout");
    return;
  }
  const model::Layout& layout = *out.proposal().layout;
  arguments.add_rows(degrees, out);
  for (const char* derived : {"layout.dp", "layout.zero", "layout.ep"}) out.take(derived);
  if (layout.ep > 1 || (out.proposal().shape && out.proposal().shape->experts.experts > 1)) {
    arguments.add("expert-model-parallel-size", layout.ep);
    arguments.add("expert-tensor-parallel-size", 1);
  }
  out.take("layout.interleave");
  if (layout.interleave > 1) arguments.add("num-virtual-stages-per-pipeline-rank", layout.interleave);
  if (layout.zero == 1) arguments.add("use-distributed-optimizer");
  if (layout.zero >= 2) {
    arguments.add("use-megatron-fsdp");
    arguments.add("use-distributed-optimizer");
    arguments.add("no-gradient-accumulation-fusion");
    arguments.add("ckpt-format", "fsdp_dtensor");
    arguments.add("data-parallel-sharding-strategy", layout.zero == 2 ? "optim_grads" : "optim_grads_params");
  }
  if (layout.recompute == model::Recompute::selective || layout.recompute == model::Recompute::full) {
    arguments.add("recompute-granularity", *out.take("layout.recompute"));
  }
  if (layout.recompute == model::Recompute::full) {
    arguments.add("recompute-method", "uniform");
    arguments.add("recompute-num-layers", 1);
  }
}

}  // namespace scaleplan::interop::megatron_core
