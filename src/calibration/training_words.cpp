#include "calibration/training_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace scaleplan::calibration {
namespace {

using training::AttentionKernel;
using training::Engine;

bool has(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

// What names an engine in the texts of a case; the first that occurs decides.
struct Word {
  std::string_view word;
  Engine engine;
};
constexpr std::array words_of_engines = {
    Word{"deepspeed zero-3", Engine::deepspeed_zero3},
    Word{"megatron-deepspeed", Engine::megatron_deepspeed},
    Word{"megatron-turing", Engine::megatron_deepspeed},
    Word{"bigscience", Engine::megatron_deepspeed},
    Word{"gpt-neox", Engine::megatron_deepspeed},
    Word{"ptd-p", Engine::megatron_2021},
    Word{"xla", Engine::xla},
    Word{"maxtext", Engine::xla},
    Word{"pathways", Engine::xla},
    Word{"megatron-core", Engine::megatron},
    Word{"megatron-fsdp", Engine::megatron},
    Word{"megatron-bridge", Engine::megatron},
    Word{"nemo", Engine::megatron},
    Word{"internevo", Engine::megatron},
    Word{"fsdp", Engine::fsdp},
};

// Year and month of the first arXiv number in the text ("arxiv 2104.04473": 2104), or nothing.
std::optional<int> arxiv_month(const std::string& text) {
  const std::size_t at = text.find("arxiv");
  if (at == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t digits = text.find_first_of("0123456789", at);
  if (digits == std::string::npos || digits > at + 7 || digits + 4 >= text.size() ||
      text[digits + 4] != '.') {
    return std::nullopt;
  }
  int month = 0;
  for (std::size_t i = digits; i < digits + 4; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      return std::nullopt;
    }
    month = month * 10 + (text[i] - '0');
  }
  return month;
}

Engine engine_of(const Words& words, TrainingCase& c) {
  std::string stated = words.engine;
  std::transform(stated.begin(), stated.end(), stated.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
  for (const std::string* text : {&stated, &c.words}) {
    for (const Word& each : words_of_engines) {
      if (has(*text, each.word)) {
        if (text != &stated) {
          c.assumed.push_back(fmt::format("engine {}, from the case's own words", engine_name(each.engine)));
        }
        return each.engine;
      }
    }
  }
  constexpr int megatron_core = 2301;
  Engine guess = Engine::megatron;
  if (c.job.machine.torus_axes > 0) {
    guess = Engine::xla;
  } else if (c.layout.zero == 3) {
    guess = Engine::fsdp;
  } else if (const auto month = arxiv_month(c.words); month && *month < megatron_core) {
    guess = Engine::megatron_2021;
  }
  c.assumed.push_back(fmt::format("engine {}", engine_name(guess)));
  return guess;
}

AttentionKernel attention_of(const TrainingCase& c) {
  const bool before_flash = c.job.engine == Engine::megatron_2021 ||
                            c.job.engine == Engine::megatron_deepspeed ||
                            c.job.engine == Engine::deepspeed_zero3;
  if (before_flash && !has(c.words, "flash")) {
    return AttentionKernel::unfused;
  }
  const std::string& family = c.job.machine.device.family;
  const bool fused_by_vendor = family == "hopper" || family == "blackwell";
  return c.job.engine == Engine::megatron && fused_by_vendor ? AttentionKernel::cudnn
                                                             : AttentionKernel::flash2;
}

double gradient_bytes(const Words& words, const TrainingCase& c) {
  const bool mixed = has(words.engine, "mixed precision DEFAULT");
  const bool sums_in_fp32 = has(words.engine, "Megatron-Core");
  return mixed || sums_in_fp32 ? 4 : c.job.precision == training::Precision::fp32 ? 4 : 2;
}

}  // namespace

void settle_engine(const Words& words, TrainingCase& c) {
  training::Job& job = c.job;
  job.engine = engine_of(words, c);
  training::apply_engine_defaults(job);
  if (has(c.words, "internevo")) {
    // eager, and without Megatron-Core's overlap
    job.tp_overlap = job.p2p_overlap = job.balanced_stages = job.fused_elementwise = false;
  }
  job.attention = attention_of(c);
  job.gradient_bytes = gradient_bytes(words, c);
  job.fused_elementwise = job.fused_elementwise || words.compiled;
  job.tp_overlap = job.tp_overlap || words.async_tp || has(words.engine, "async TP");
  job.scatter_gather = job.scatter_gather || words.scatter_gather;
  if (job.tp_overlap && job.engine == Engine::megatron && c.layout.tp > 1 && !c.layout.sequence_parallel) {
    c.layout.sequence_parallel = true;
    c.assumed.emplace_back("sequence parallelism with tensor parallelism");
  }
  c.assumed.push_back(fmt::format("attention {}", attention_name(job.attention)));
  c.assumed.push_back(fmt::format("gradients of {} bytes", job.gradient_bytes));
}

std::int64_t usual_interleave(TrainingCase& c) {
  const bool can = c.job.engine == Engine::megatron || c.job.engine == Engine::megatron_2021;
  const std::int64_t layers = c.job.shape.layers;
  if (!can || c.layout.pp == 1 || layers % c.layout.pp != 0) {
    return 1;
  }
  const std::int64_t per_stage = layers / c.layout.pp;
  for (std::int64_t parts = 2; parts <= per_stage; ++parts) {
    if (per_stage % parts == 0) {
      c.assumed.push_back(fmt::format("{} virtual stages", parts));
      return parts;
    }
  }
  return 1;
}

model::Recompute recompute_of(const Words& words, TrainingCase& c) {
  const std::string& word = words.recompute;
  if (has(word, "per-op") || has(word, "qkv_proj")) {
    return model::Recompute::operators;
  }
  if (word.starts_with("full")) {
    return model::Recompute::full;
  }
  if (word.starts_with("selective")) {
    return model::Recompute::selective;
  }
  if (word != "none") {
    c.assumed.emplace_back("no recomputation");
  }
  return model::Recompute::none;
}

std::optional<training::Precision> precision_of(const std::string& word) {
  struct Known {
    std::string_view word;
    training::Precision precision;
  };
  constexpr std::array known = {
      Known{"fp8", training::Precision::fp8}, Known{"fp4", training::Precision::fp4},
      Known{"bf16", training::Precision::bf16}, Known{"fp16", training::Precision::fp16},
      Known{"fp32", training::Precision::fp32}};
  for (const Known& each : known) {
    if (has(word, each.word)) {
      return each.precision;
    }
  }
  return std::nullopt;
}

double seconds_from_flop(const TrainingCase& c, double flop_per_device_s, const std::string& convention,
                         std::vector<std::string>& assumed) {
  const bool causal = has(convention, "causal attention halved");
  const bool hardware = has(convention, "hardware") || has(convention, "recompute, x4/3");
  const auto flop =
      model::flop_per_token(c.job.shape, c.job.sequence_length,
                            causal ? model::AttentionCount::causal : model::AttentionCount::full);
  double per_token = flop.training.raw();
  if (hardware && c.layout.recompute == model::Recompute::full) {
    // the forward pass once more, but for the output head
    per_token += flop.forward.raw() - 2 * static_cast<double>(c.job.shape.hidden * c.job.shape.vocabulary);
  }
  assumed.push_back(fmt::format("TFLOP/s count {} attention{}", causal ? "causal" : "full",
                                hardware ? " and recomputation" : ""));
  return per_token * static_cast<double>(c.job.global_batch * c.job.sequence_length) /
         (flop_per_device_s * static_cast<double>(c.job.machine.devices));
}

}  // namespace scaleplan::calibration
