#include <algorithm>
#include <cmath>

#include "calibration/training_predict.hpp"
#include "scaleplan/training/memory.hpp"

namespace scaleplan::calibration {
namespace {

using training::Job;
using training::Memory;

constexpr double gib = 1073741824.0;
constexpr double giga = 1e9;

bool says(const TrainingCase& c, const char* word) {
  return c.words.find(word) != std::string::npos;
}

/// What kind of memory a case's total is, by its own words: a formula counts what is allocated, torchtitan
/// prints what is reserved, other tables what the driver shows (in GB of 1e9 bytes).
struct Reading {
  const char* quantity;
  double unit;
  double Memory::*predicted;
};
Reading reading_of(const TrainingCase& c) {
  if (says(c, "formula")) return {"memory_allocated", gib, &Memory::allocated};
  if (says(c, "torchtitan")) return {"memory_reserved", gib, &Memory::reserved};
  return {"memory_driver", giga, &Memory::driver};
}

// Frameworks from before fused attention dropped out by default (Megatron-LM: 0.1).
Job with_dropout(Job job) {
  job.dropout = job.attention == training::AttentionKernel::unfused;
  return job;
}

double kept(const Job& job, const model::Layout& layout) {
  const Memory memory = training::memory(job, layout);
  return memory.worst.activations;
}

// Activations over those of tensor parallelism alone (arXiv:2205.05198 figure 7).
double activation_ratio(const Job& job, const model::Layout& layout) {
  model::Layout baseline = layout;
  baseline.sequence_parallel = false;
  baseline.recompute = model::Recompute::none;
  return kept(job, layout) / kept(job, baseline);
}

}  // namespace

Scores predict_memory(const std::vector<TrainingCase>& cases) {
  Scores out;
  for (const TrainingCase& c : cases) {
    const Job job = with_dropout(c.job);
    const Memory memory = training::memory(job, c.layout);
    const auto add = [&](const std::string& quantity, double measured, double predicted) {
      Comparison line;
      line.id = c.id;
      line.publisher = c.publisher;
      line.score = c.score;
      line.quantity = quantity;
      line.group = c.mixture() ? "moe" : "dense";
      line.measured = measured;
      line.predicted = predicted;
      out.cases.push_back(std::move(line));
    };
    for (const auto& [key, value] : c.memory) {
      if (key == "memory_gib") {
        const Reading reading = reading_of(c);
        add(reading.quantity, value * reading.unit, memory.*reading.predicted);
        add("memory_safe", value * reading.unit, memory.safe);
      } else if (key == "memory_states_gib") {
        add("memory_states", value * gib, memory.worst.states());
      } else if (key == "memory_activations_gib") {
        add("memory_activations", value * gib, memory.worst.activations + memory.worst.working);
      } else if (key == "activation_memory_fraction_of_tp_baseline") {
        add("activation_ratio", value, activation_ratio(job, c.layout));
      }
    }
  }
  return out;
}

}  // namespace scaleplan::calibration
