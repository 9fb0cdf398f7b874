// Speed of whole plans: FLOP alone, and a joint one with machines, a demand and a confidence, on one thread
// and on all.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "scaleplan/plan/plan.hpp"

using namespace scaleplan;

namespace {

plan::Scenario read(const std::string& path, const json::Catalogue& catalogue) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return plan::read_scenario(json::parse(text, path).value(), catalogue).value();
}

void measure(const std::string& name, int threads) {
  const json::Catalogue catalogue;
  const plan::Scenario scenario = read(std::string(CONFIGS) + "/" + name, catalogue);
  const fit::Predictor law = plan::find_predictor(scenario, catalogue).value();
  double least = 1e300;
  plan::Plan plan;
  for (int k = 0; k < 3; ++k) {
    const auto begin = std::chrono::steady_clock::now();
    plan = plan::solve(scenario, law, catalogue, {{}, {}, threads}).value();
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  fmt::print("{:32} {} threads  {:7.3f} s  {:4} options  {:6} shapes  value {:.6g}\n", name, threads, least,
             plan.options_considered, plan.shapes_evaluated, plan.certificate ? plan.certificate->value : 0);
}

}  // namespace

int main() {
  for (const int threads : {1, 2}) {
    measure("flop-1e24.json", threads);
    measure("h100-75-days.json", threads);
    measure("three-clusters-for-18-months.json", threads);
  }
}
