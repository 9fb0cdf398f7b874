// Speed of the fit on the Chinchilla rows: one evaluation, all starts with and without elimination of linear
// parameters, all resamples, a point fit, the reference fit (4500 starts, 4000 resamples), blends of 120 and
// 620 rows; on the best instruction set and on the plain one. Figures of one run compare; absolute ones
// depend on the machine. Instructions retired stand beside the times where the machine counts them.
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <functional>

#include "fit/multistart.hpp"
#include "fit/resample.hpp"
#include "fit/rows.hpp"
#include "scaleplan/fit/blend.hpp"
#include "scaleplan/num/kernels.hpp"

using namespace scaleplan;

namespace {

/// Instructions retired by this process and its threads since construction, or −1.
class Instructions {
 public:
  Instructions() {
    perf_event_attr what{};
    what.size = sizeof what;
    what.type = PERF_TYPE_HARDWARE;
    what.config = PERF_COUNT_HW_INSTRUCTIONS;
    what.inherit = 1;
    what.exclude_kernel = 1;
    descriptor_ = static_cast<int>(syscall(SYS_perf_event_open, &what, 0, -1, -1, 0));
  }
  ~Instructions() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  Instructions(const Instructions&) = delete;
  Instructions& operator=(const Instructions&) = delete;
  [[nodiscard]] double count() const {
    std::uint64_t value = 0;
    const bool counted = descriptor_ >= 0 && read(descriptor_, &value, sizeof value) == sizeof value;
    return counted ? static_cast<double>(value) : -1;
  }

 private:
  int descriptor_ = -1;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

void measure(const std::string& what, int times, const std::function<void()>& work) {
  const Instructions instructions;
  const double cpu = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  for (int k = 0; k < times; ++k) {
    work();
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double retired = instructions.count();
  fmt::print("  {:52} wall {:10.3f} ms  CPU {:10.3f} ms  {}\n", what, wall / times * 1e3,
             (cpu_seconds() - cpu) / times * 1e3,
             retired < 0 ? "instructions not counted" : fmt::format("{:.4g} instructions", retired / times));
}

/// Rows of a known law with residuals of half a percent.
runs::Table made(std::size_t count) {
  runs::Table table;
  for (std::size_t k = 0; k < count; ++k) {
    const double size = 3e7 * std::exp(0.17 * static_cast<double>(k % 31));
    const double tokens = 20 * size * std::exp(0.3 * (static_cast<double>(k / 31 % 7) - 3));
    const double loss = 1.8 + 480 / std::pow(size, 0.35) + 2100 / std::pow(tokens, 0.37);
    table.columns["params"].push_back(size);
    table.columns["tokens"].push_back(tokens);
    table.columns["flops"].push_back(6 * size * tokens);
    table.columns["loss"].push_back(loss * std::exp(0.005 * std::sin(static_cast<double>(k * k))));
    table.outlier.push_back(false);
    table.places.push_back({"made", ++table.rows, 1, ""});
  }
  return table;
}

void measure_all(const std::string& isa) {
  fmt::print("{}\n", isa);
  const Control one{{}, {}, 1};
  const Control two{{}, {}, 2};
  const laws::Law law = rows::law("chinchilla");
  const runs::Table table = rows::chinchilla();
  const auto model = fit::build_model(law, table, {});
  const fit::Objective objective = model->objective();
  expr::Workspace workspace(model->program);
  fit::Sums sums(model->free.size());
  const std::vector<double> theta = {0.5973, 6.1692, 7.6702, 0.3473, 0.3672};
  measure("evaluation with gradient and curvature, 1 thread", 20000,
          [&] { objective.evaluate(workspace, theta, model->delta, sums); });
  measure("4500 starts, linear parameters eliminated, 1 thread", 5,
          [&] { fit::search(*model, fit::start_grid(*model, one), one); });
  std::vector<fit::Start> grid;
  for (std::size_t k = 0; k < 4500; ++k) {
    fit::Start& start = grid.emplace_back();
    for (std::size_t p = 0, rest = k; p < 5; rest /= law.parameters[p++].start.size()) {
      start.theta.push_back(law.parameters[p].start[rest % law.parameters[p].start.size()]);
    }
  }
  measure("4500 starts as they are, 1 thread", 1, [&] { fit::search(*model, grid, one); });
  fit::Options options;
  options.bootstrap = 4000;
  measure("4000 resamples, 1 thread", 1, [&] { fit::bootstrap(*model, theta, options, one); });
  measure("4500 starts and 4000 resamples, all that a fit says, 2 threads", 1,
          [&] { (void)fit::fit_law(law, table, options, two); });
  options.bootstrap = 0;
  measure("point fit, 2 threads", 5, [&] { (void)fit::fit_law(law, table, options, two); });
  options.uncertainty = fit::Uncertainty::profile;
  measure("point fit with profiles, 2 threads", 5, [&] { (void)fit::fit_law(law, table, options, two); });
  const std::vector<laws::Law> blend = {law, rows::law("blend-ratio"), rows::law("blend-outer")};
  for (const std::size_t count : {std::size_t{120}, std::size_t{620}}) {
    const runs::Table many = made(count);
    measure(fmt::format("blend of {} rows, 2 threads", count), 1,
            [&] { (void)fit::fit_blend(law, blend, many, {}, two); });
  }
}

}  // namespace

int main() {
  measure_all(std::string(num::kernels().name));
  num::use_baseline_kernels();
  measure_all(std::string(num::kernels().name));
}
