// Speed of the layout search: the whole space of three large jobs, on one thread and on all.
#include <fmt/format.h>

#include <chrono>

#include "scaleplan/training/layouts.hpp"
#include "training/jobs.hpp"

using namespace scaleplan;
using namespace scaleplan::training;

namespace {

void measure(const char* name, const Job& job, int threads) {
  const Efficiency efficiency = jobs::efficiency();
  const auto begin = std::chrono::steady_clock::now();
  const LayoutSearch found = search_layouts(job, {}, efficiency, 10, {{}, {}, threads});
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print(
      "{:14} {} threads  {:8.3f} s  {:9} legal {:9} evaluated  {:10.0f} legal/s  {:10.0f} evaluations/s\n",
      name, threads, s, found.legal, found.evaluated, static_cast<double>(found.legal) / s,
      static_cast<double>(found.evaluated) / s);
  for (const PrunedCount& pruned : found.pruned) fmt::print("  {:9}  {}\n", pruned.count, pruned.reason);
  for (const RankedLayout& best : found.best) {
    fmt::print("  {:8.3f} s  {:6.1f} GB  mfu {:.3f}  {}\n", best.time.step_s, best.memory.safe / 1e9,
               best.time.mfu, model::to_text(best.layout));
  }
}

// step() alone, on a layout of many parts
void evaluation(const char* name, const Job& job, const model::Layout& layout) {
  const StepModel model(job, jobs::efficiency());
  const MicroBatchTime times = model.micro_batch(layout);
  constexpr int count = 1000000;
  double sum = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int k = 0; k < count; ++k) {
    model::Layout varied = layout;
    varied.micro_batch = 1 + k % 2;
    sum += model.step(varied, times).step_s;
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{:14} step time from the tables: {:.0f} a second ({:.1f})\n", name, count / s, sum / count);
}

}  // namespace

int main() {
  const Job gpt3 = jobs::job(jobs::gpt3(), jobs::machine("dgx-a100", 1024), 1536, 2048);
  const Job llama = jobs::job(jobs::llama405(), jobs::machine("dgx-h100", 16384), 2048, 8192);
  Job deepseek = jobs::job(jobs::deepseek(), jobs::machine("dgx-h100", 2048), 15360, 4096);
  for (const int threads : {1, 2}) {
    measure("gpt3-175b", gpt3, threads);
    measure("llama-3-405b", llama, threads);
    measure("deepseek-v3", deepseek, threads);
  }
  model::Layout layout;
  layout.tp = 8;
  layout.pp = 8;
  layout.dp = 16;
  layout.zero = 1;
  evaluation("gpt3-175b", gpt3, layout);
}
