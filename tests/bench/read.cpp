// Speed of reading: a fit document with draws, run rows as JSON Lines and CSV, and a step log of JSON Lines
// by both parsers. The best of several runs is printed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "scaleplan/interop/run_logs.hpp"
#include "scaleplan/json/document.hpp"

namespace {

void measure(const std::string& name, const std::string& text, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  const double bytes = static_cast<double>(text.size());
  fmt::print("{:28} {:8.2f} MB {:8.2f} ms {:8.1f} MB/s\n", name, bytes / 1e6, best * 1e3, bytes / 1e6 / best);
}

}  // namespace

int main() {
  std::string document = R"({"draws": [)";
  while (document.size() < 300000) {
    document += "[1.817218123, 482.0112345, 2085.431234, 0.347812345, 0.365812345],\n";
  }
  document += "[1,2,3,4,5]]}";
  measure("fit document", document, [&] { (void)scaleplan::json::parse(document, "fit.json"); });
  std::string lines;
  std::string cells = "run,params,tokens,flops,loss,dataset\n";
  for (int i = 0; i < 5000; ++i) {
    cells += fmt::format("r{},{},{},{},{},web\n", i, 1.5e6 * (i + 1), 3.1e8 * (i + 1),
                         2.79e15 * (i + 1.0) * (i + 1.0), 2.0 + 1.0 / (i + 1));
    lines += fmt::format(
        R"({{"run": "r{}", "params": {}, "tokens": {}, "flops": {}, "loss": {}, "dataset": "web"}})", i,
        1.5e6 * (i + 1), 3.1e8 * (i + 1), 2.79e15 * (i + 1.0) * (i + 1.0), 2.0 + 1.0 / (i + 1));
    lines += '\n';
  }
  measure("run rows, JSON Lines", lines,
          [&] { (void)scaleplan::interop::read_run_log(lines, "runs.jsonl", {}); });
  measure("run rows, CSV", cells, [&] { (void)scaleplan::interop::read_run_log(cells, "runs.csv", {}); });
  std::string steps;
  std::string array = "[";
  for (int i = 1; i <= 20000; ++i) {
    const std::string record = fmt::format(
        R"({{"current_steps": {}, "total_steps": 20000, "loss": {}, "eval_loss": null, "lr": {}, "epoch": {}, "percentage": {}, "elapsed_time": "0:02:12", "remaining_time": "1 day, 0:08:23"}})",
        i, 2 + 5.0 / i, 3e-4 * (1 - i / 20001.0), i / 1000.0, i / 200.0);
    steps += record + "\n";
    array += (i > 1 ? ",\n" : "") + record;
  }
  array += "]";
  measure("step log, JSON Lines", steps,
          [&] { (void)scaleplan::interop::read_run_log(steps, "steps.jsonl", {}); });
  measure("the same as one JSON array", array,
          [&] { (void)scaleplan::interop::read_run_log(array, "steps.json", {}); });
}
