// Keys of NeMo's megatron_gpt_config.yaml (examples/nlp/language_modeling/conf of v1.22 to v2.5); those of
// the model are Megatron-Core's under names of its own.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "interop/frameworks.hpp"
#include "interop/launch/formats.hpp"
#include "interop/launch/megatron_core.hpp"
#include "interop/launch/torchrun.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view versions = "v1.22 to v2.5";
constexpr std::string_view reason = "NeMo's default";

// NeMo's key → the flag of Megatron-LM that says the same in the same way.
struct Renamed {
  std::string_view nemo;
  std::string_view core;
};
constexpr Renamed renamed[] = {
    {"trainer.devices", "nproc-per-node"},
    {"trainer.num_nodes", "nnodes"},
    {"model.num_layers", "num-layers"},
    {"model.hidden_size", "hidden-size"},
    {"model.ffn_hidden_size", "ffn-hidden-size"},
    {"model.num_attention_heads", "num-attention-heads"},
    {"model.num_query_groups", "num-query-groups"},
    {"model.kv_channels", "kv-channels"},
    {"model.override_vocab_size", "vocab-size"},
    {"model.max_position_embeddings", "max-position-embeddings"},
    {"model.position_embedding_type", "position-embedding-type"},
    {"model.window_size", "window-size"},
    {"model.qk_layernorm", "qk-layernorm"},
    {"model.num_moe_experts", "num-experts"},
    {"model.moe_router_topk", "moe-router-topk"},
    {"model.moe_ffn_hidden_size", "moe-ffn-hidden-size"},
    {"model.micro_batch_size", "micro-batch-size"},
    {"model.tensor_model_parallel_size", "tensor-model-parallel-size"},
    {"model.pipeline_model_parallel_size", "pipeline-model-parallel-size"},
    {"model.virtual_pipeline_model_parallel_size", "num-virtual-stages-per-pipeline-rank"},
    {"model.context_parallel_size", "context-parallel-size"},
    {"model.expert_model_parallel_size", "expert-model-parallel-size"},
    {"model.expert_tensor_parallel_size", "expert-tensor-parallel-size"},
    {"model.sequence_parallel", "sequence-parallel"},
    {"model.activations_checkpoint_granularity", "recompute-granularity"},
    {"model.activations_checkpoint_method", "recompute-method"},
    {"model.activations_checkpoint_num_layers", "recompute-num-layers"}};

const Row run_rows[] = {{"model.encoder_seq_length", "sequence_length"},
                        {"model.optim.lr", "learning_rate"},
                        {"model.optim.weight_decay", "weight_decay"}};

constexpr std::string_view harmless[] = {"defaults",
                                         "name ",
                                         "exp_manager.",
                                         "s3_checkpointing.",
                                         "trainer.",
                                         "hydra.",
                                         "run.",
                                         "model.data.",
                                         "model.tokenizer.",
                                         "model.init_method_std ",
                                         "model.use_scaled_init_method ",
                                         "model.hidden_dropout ",
                                         "model.attention_dropout ",
                                         "model.ffn_dropout ",
                                         "model.apply_query_key_layer_scaling ",
                                         "model.layernorm_epsilon ",
                                         "model.do_layer_norm_weight_decay ",
                                         "model.make_vocab_size_divisible_by ",
                                         "model.pre_process ",
                                         "model.post_process ",
                                         "model.persist_layer_norm ",
                                         "model.headscale ",
                                         "model.openai_gelu ",
                                         "model.normalize_attention_scores ",
                                         "model.rotary_",
                                         "model.attention_type ",
                                         "model.overlap_p2p_comm ",
                                         "model.batch_p2p_comm ",
                                         "model.seq_len_interpolation_factor ",
                                         "model.scale_positional_embedding ",
                                         "model.reset_lr",
                                         "model.native_amp",
                                         "model.hysteresis ",
                                         "model.fp16_lm_cross_entropy ",
                                         "model.megatron_amp_O2 ",
                                         "model.grad_allreduce_chunk_size_mb ",
                                         "model.grad_div_ar_fusion ",
                                         "model.gradient_accumulation_fusion ",
                                         "model.bias_activation_fusion ",
                                         "model.bias_dropout_add_fusion ",
                                         "model.masked_softmax_fusion ",
                                         "model.get_attention_mask_from_fusion ",
                                         "model.apply_rope_fusion ",
                                         "model.seed ",
                                         "model.resume_from_checkpoint ",
                                         "model.use_cpu_initialization ",
                                         "model.onnx_safe ",
                                         "model.apex_transformer_log_level ",
                                         "model.gradient_as_bucket_view ",
                                         "model.sync_batch_comm ",
                                         "model.nccl_communicator_config_path ",
                                         "model.validation_param_sync_overlap ",
                                         "model.dist_ckpt_",
                                         "model.fsdp_grad_reduce_dtype ",
                                         "model.fsdp_sharded_checkpoint ",
                                         "model.fp8_",
                                         "model.reduce_amax ",
                                         "model.use_emha ",
                                         "model.ub_tp_comm_overlap",
                                         "model.use_flash_attention ",
                                         "model.transformer_engine ",
                                         "model.mcore_gpt ",
                                         "model.restore_",
                                         "model.skip_train ",
                                         "model.sharp ",
                                         "model.enable_megatron_timers ",
                                         "model.megatron_timer_kwargs.",
                                         "model.nsys_profile.",
                                         "model.optim.betas ",
                                         "model.optim.bucket_cap_mb ",
                                         "model.optim.overlap_",
                                         "model.optim.contiguous_grad_buffer ",
                                         "model.optim.eps ",
                                         "model.gc_interval ",
                                         "model.precision ",
                                         "model.cpu_offloading_",
                                         "model.transformer_block_type ",
                                         "model.moe_aux_loss_coeff ",
                                         "model.moe_router_load",
                                         "model.moe_grouped_gemm ",
                                         "model.moe_token_dispatcher_type "};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Values that refer to others ("${model.encoder_seq_length}", "${.num_layers}") become those.
void resolve(Setting& setting, const Settings& all) {
  if (!setting.value.is_string() || setting.value.string().find("${") == std::string::npos) return;
  const std::string& text = setting.value.string();
  const bool whole =
      text.starts_with("${") && text.find('}') == text.size() - 1 && text.find(':') == std::string::npos;
  std::string name = whole ? text.substr(2, text.size() - 3) : "";
  if (name.starts_with('.')) name = setting.key.substr(0, setting.key.rfind('.')) + name;
  for (const Setting& each : all.all()) {
    if (whole && each.key == name && text_of(each.value).find("${") == std::string::npos) {
      setting.value = each.value;
      return;
    }
  }
  setting.unresolved = text;
}

// Under Megatron-LM's names; what is null is not said.
Settings core_settings(const Settings& all) {
  Settings out;
  for (Setting each : all.all()) {
    resolve(each, all);
    if (text_of(each.value) == "null" || text_of(each.value) == "???") continue;
    const auto* found = std::find_if(std::begin(renamed), std::end(renamed),
                                     [&](const Renamed& r) { return r.nemo == each.key; });
    const Place place = each.place;
    const std::string value = lower(text_of(each.value));
    if (found != std::end(renamed)) {
      each.key = found->core;
      if (each.key == "num-query-groups") out.add({"group-query-attention", true, place, "", false});
    } else if (each.key == "model.bias") {
      each = {"disable-bias-linear", !truth_of(each.value).value_or(true), place, "", false};
    } else if (each.key == "model.share_embeddings_and_output_weights") {
      each = {"untie-embeddings-and-output-weights", !truth_of(each.value).value_or(true), place, "", false};
    } else if (each.key == "model.activation") {
      each = {"swiglu", value.find("glu") != std::string::npos, place, "", false};
    } else if (each.key == "model.normalization") {
      each = {"normalization", value.find("rms") != std::string::npos ? "RMSNorm" : "LayerNorm", place, "",
              false};
    }
    out.add(std::move(each));
  }
  return out;
}

void read_sharing(Settings& settings, Draft& draft) {
  const Setting* optimizer = settings.take("model.optim.name");
  const std::string name = settings.word("model.optim.name").value_or("fused_adam");
  const bool adam = name == "fused_adam" || name == "adam" || name == "adamw" ||
                    name.ends_with("distributed_fused_adam") || name == "mcore_distributed_optim";
  if (adam && optimizer != nullptr) draft.set("optimizer", "adamw", optimizer->place);
  if (!adam) draft.notice(fmt::format("optimizer {} is not modelled", name), optimizer->place);
  const Setting* fsdp = settings.take("model.fsdp");
  const std::string strategy = settings.word("model.fsdp_sharding_strategy").value_or("full");
  if (settings.flag("model.fsdp").value_or(false)) {
    draft.set("layout.zero", strategy == "grad" ? 2 : 3, fsdp->place);
  } else if (name.find("distributed") != std::string::npos) {
    draft.set("layout.zero", 1, optimizer->place);
  }
}

void read_precision(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("trainer.precision");
  const Setting* fp8 = settings.take("model.fp8");
  const std::string type = settings.word("trainer.precision").value_or("32");
  if (settings.flag("model.fp8").value_or(false)) {
    draft.set("precision", "fp8", fp8->place);
  } else if (said != nullptr) {
    draft.set("precision",
              type.starts_with("bf16") ? "bf16"
              : type.starts_with("16") ? "fp16"
                                       : "fp32",
              said->place);
  } else {
    draft.assume("precision", "fp32", fmt::format("{} of trainer.precision", reason));
  }
}

void read_run(Settings& settings, Draft& draft) {
  read_rows(run_rows, settings, draft, reason);
  const Setting* global = settings.take("model.global_batch_size");
  const auto batch = settings.whole("model.global_batch_size");
  const auto length = draft.number("sequence_length");
  if (batch && length) draft.set("batch_tokens", static_cast<double>(*batch) * *length, global->place);
  const double step = draft.number("batch_tokens").value_or(0);
  const Setting* steps_said = settings.take("trainer.max_steps");
  const auto steps = settings.whole("trainer.max_steps", -1);
  if (steps && *steps > 0 && step > 0)
    draft.set("tokens", static_cast<double>(*steps) * step, steps_said->place);
  const Setting* sched = settings.take("model.optim.sched.name");
  const std::string name = settings.word("model.optim.sched.name").value_or("");
  const double warmup = settings.number("model.optim.sched.warmup_steps").value_or(0);
  const double stable = settings.number("model.optim.sched.constant_steps").value_or(0);
  const Setting* least = settings.take("model.optim.sched.min_lr");
  const auto floor = settings.number("model.optim.sched.min_lr");
  if (sched == nullptr) return;
  if (name != "CosineAnnealing" && name != "WarmupAnnealing" && name != "WarmupHoldPolicy") {
    draft.notice(fmt::format("schedule {} is not modelled", name), sched->place);
    return;
  }
  if (stable > 0) draft.notice("constant_steps in front of the decay are counted as decay", sched->place);
  const bool cosine = name == "CosineAnnealing";
  draft.set("schedule.kind",
            cosine                      ? "cosine"
            : name == "WarmupAnnealing" ? "linear"
                                        : "constant",
            sched->place);
  draft.set("schedule.warmup_tokens", warmup * step, sched->place);
  const auto peak = draft.number("learning_rate");
  if (cosine && floor && peak && *peak > 0)
    draft.set("schedule.final_fraction", rounded(*floor / *peak), least->place);
}

bool recognises(std::string_view text) {
  return text.find("trainer:") != std::string_view::npos && text.find("\nmodel:") != std::string_view::npos &&
         (text.find("encoder_seq_length:") != std::string_view::npos ||
          text.find("tensor_model_parallel_size:") != std::string_view::npos);
}

Result<model::Proposal> read(const std::string& text, const std::string& file, const ProposalSources&) {
  const Result<Settings> found = yaml_settings(text, file);
  if (!found) return found.errors();
  Settings settings = core_settings(*found);
  Draft draft;
  draft.set("engine", "megatron", {file, 0, 0, ""});
  read_labels(text, file, draft);
  read_devices(settings, draft);
  megatron_core::read_shape(settings, draft, reason);
  megatron_core::read_layout(settings, draft, reason);
  read_sharing(settings, draft);
  read_run(settings, draft);
  read_precision(settings, draft);
  if (!settings.has("vocab-size")) {
    settings.errors().push_back(error("model.override_vocab_size is not said",
                                      "add it: the vocabulary of the tokeniser is not known here",
                                      {file, 0, 0, ""}));
  }
  note_strangers(settings, harmless, draft);
  if (!settings.errors().empty()) return settings.errors();
  return draft.finish(file);
}

// Megatron-LM's flags under NeMo's names; `out` is told which have none.
Arguments nemo_names(const Arguments& core, Outgoing& out) {
  Arguments arguments;
  bool biases = true;
  bool tied = true;
  std::string activation = "gelu";
  for (const auto& [flag, value] : core.all()) {
    const auto* found = std::find_if(std::begin(renamed), std::end(renamed),
                                     [&name = flag](const Renamed& r) { return r.core == name; });
    if (found != std::end(renamed)) {
      arguments.add(found->nemo, value.is_null() ? json::Value(true) : value);
    } else if (flag == "normalization") {
      arguments.add("model.normalization", value.string() == "RMSNorm" ? "rmsnorm" : "layernorm");
    } else if (flag == "disable-bias-linear") {
      biases = false;
    } else if (flag == "untie-embeddings-and-output-weights") {
      tied = false;
    } else if (flag == "swiglu") {
      activation = "fast-swiglu";
    } else if (flag != "group-query-attention" && flag != "use-distributed-optimizer" &&
               flag != "use-megatron-fsdp" && flag != "data-parallel-sharding-strategy" &&
               flag != "ckpt-format" && flag != "no-gradient-accumulation-fusion") {
      out.fail(fmt::format("has no key for {}", flag));
    }
  }
  arguments.add("model.bias", biases);
  arguments.add("model.share_embeddings_and_output_weights", tied);
  arguments.add("model.activation", activation);
  return arguments;
}

void write_schedule(Outgoing& out, const Steps& steps, Arguments& arguments) {
  arguments.add("trainer.max_steps", steps.all);
  const auto kind = out.take("schedule.kind");
  if (!kind) return;
  const std::string& name = kind->string();
  if (name == "wsd") {
    out.fail("has no wsd schedule");
    return;
  }
  arguments.add("model.optim.sched.name", name == "cosine"   ? "CosineAnnealing"
                                          : name == "linear" ? "WarmupAnnealing"
                                                             : "WarmupHoldPolicy");
  arguments.add("model.optim.sched.warmup_steps", steps.warmup);
  if (name != "cosine") return;
  if (const auto share = out.take("schedule.final_fraction"); share && out.proposal().learning_rate) {
    arguments.add("model.optim.sched.constant_steps", 0);
    arguments.add("model.optim.sched.min_lr", rounded(share->number() * *out.proposal().learning_rate));
  }
}

void write_optimizer(Outgoing& out, Arguments& arguments) {
  const model::Layout& layout = *out.proposal().layout;
  const auto optimizer = out.take("optimizer");
  if (optimizer && optimizer->string() != "adamw")
    out.fail(fmt::format("has no optimizer {}", optimizer->string()));
  arguments.add("model.optim.name", layout.zero == 1 ? "distributed_fused_adam" : "fused_adam");
  if (layout.zero < 2) return;
  arguments.add("model.fsdp", true);
  arguments.add("model.fsdp_sharding_strategy", layout.zero == 2 ? "grad" : "full");
}

void write_devices(Outgoing& out, Arguments& arguments) {
  const json::Value said = out.need("devices");
  const auto devices = said.is_number() ? static_cast<std::int64_t>(said.number()) : 1;
  const std::int64_t node = devices % 8 == 0 ? 8 : devices < 8 ? devices : 1;
  arguments.add("trainer.devices", node);
  arguments.add("trainer.num_nodes", devices / node);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  Outgoing out(proposal, "NeMo");
  const std::string head = labels(out, "#");
  Arguments core;
  megatron_core::write_shape(out, core);
  megatron_core::write_layout(out, core);
  if (!proposal.layout) return out.finish();
  Arguments arguments = nemo_names(core, out);
  const Steps steps = take_steps(out);
  write_devices(out, arguments);
  arguments.add("model.global_batch_size", steps.batch);
  write_optimizer(out, arguments);
  out.need("learning_rate");
  arguments.add_rows(run_rows, out);
  write_schedule(out, steps, arguments);
  const json::Value precision = out.need("precision");
  const std::string type = precision.is_string() ? precision.string() : "bf16";
  if (type == "fp4") out.fail("cannot be told precision fp4");
  arguments.add("trainer.precision", type == "fp16" ? "16" : type == "fp32" ? "32" : "bf16");
  if (type == "fp8") arguments.add("model.fp8", true);
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  return std::vector<LaunchFile>{
      {"config.yaml", head + fmt::format("# For NeMo {}: merge into megatron_gpt_config.yaml.\n", versions) +
                          rounding_note(out, steps) + "\n" + arguments.as_yaml()}};
}

}  // namespace

const FrameworkFiles& nemo_framework() {
  static const FrameworkFiles files{
      {"nemo", "NeMo", versions, true, true, "YAML (megatron_gpt_config.yaml)"}, recognises, read, write};
  return files;
}

}  // namespace scaleplan::interop
