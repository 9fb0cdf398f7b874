#include "plan/views.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/minimise.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr std::size_t cells = 36;
constexpr double narrowest = 1.4;  // of ln(size) and ln(tokens), to each side of the decision
constexpr double widest = 3.4;
constexpr double margin = 1.15;       // around the draws
constexpr double most_contours = 10;  // in the part of the map below the worst tenth
constexpr double common_share = 0.9;

// Sizes and tokens around the decision.
class Map {
 public:
  Map(const Problem& problem, const View& view, const Candidate& chosen,
      const std::vector<DrawnOptimum>& draws)
      : problem_(problem),
        view_(view),
        size_(std::log(chosen.at.size)),
        tokens_(std::log(static_cast<double>(chosen.tokens))) {
    view_.batch_tokens = chosen.batch_tokens;
    double reach = 0;
    for (const DrawnOptimum& draw : draws) {
      if (std::isnan(draw.size)) continue;
      reach =
          std::max({reach, std::abs(std::log(draw.size) - size_), std::abs(std::log(draw.tokens) - tokens_)});
    }
    half_ = std::clamp(margin * reach, narrowest, widest);
  }

  // 0 and 1 are the edges.
  [[nodiscard]] double size(double share) const { return std::exp(size_ + half_ * (2 * share - 1)); }
  [[nodiscard]] double tokens(double share) const { return std::exp(tokens_ + half_ * (2 * share - 1)); }
  [[nodiscard]] double params(double size) const { return problem_.curve(size).total; }
  [[nodiscard]] double loss(double size, double tokens) const {
    return problem_.objective_loss(view_, size, tokens);
  }
  [[nodiscard]] bool shows(double tokens) const {
    return tokens >= this->tokens(0) * (1 - 1e-9) && tokens <= this->tokens(1) * (1 + 1e-9);
  }
  [[nodiscard]] Views::Point point(double size, double tokens) const {
    return {params(size), tokens, loss(size, tokens)};
  }
  [[nodiscard]] const View& view() const { return view_; }
  [[nodiscard]] const Problem& problem() const { return problem_; }

 private:
  const Problem& problem_;
  View view_;
  double size_;
  double tokens_;
  double half_ = 0;
};

double share(std::size_t i) {
  return static_cast<double>(i) / static_cast<double>(cells);
}

void fill_grid(const Map& map, Views& views) {
  for (std::size_t i = 0; i <= cells; ++i) {
    views.params.push_back(map.params(map.size(share(i))));
    views.tokens.push_back(map.tokens(share(i)));
  }
  for (std::size_t i = 0; i <= cells; ++i) {
    std::vector<double>& column = views.loss.emplace_back();
    column.reserve(cells + 1);
    for (std::size_t j = 0; j <= cells; ++j) {
      column.push_back(map.loss(map.size(share(i)), map.tokens(share(j))));
    }
  }
}

// Round losses: steps of 1, 2 or 5 times a power of ten.
std::vector<double> round_losses(const Views& views) {
  std::vector<double> all;
  for (const std::vector<double>& column : views.loss) {
    std::copy_if(column.begin(), column.end(), std::back_inserter(all),
                 [](double v) { return std::isfinite(v); });
  }
  std::vector<double> levels;
  if (all.empty()) return levels;
  const double low = *std::min_element(all.begin(), all.end());
  const double high = num::quantile(all, common_share);
  const double wanted = (high - low) / most_contours;
  if (!(wanted > 0)) return levels;
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  const double steps[] = {1, 2, 5, 10};
  const double step = power * *std::find_if(std::begin(steps), std::end(steps) - 1,
                                            [&](double s) { return s * power >= wanted; });
  for (double k = std::ceil(low / step); k * step <= high; ++k) levels.push_back(k * step);
  return levels;
}

// The loss falls with tokens, so that each size has one point on a contour, or one on the map's lower or
// upper edge where all its tokens or none of them do better.
void fill_contours(const Map& map, Views& views) {
  for (double level : round_losses(views)) {
    Views::Line line{level, {}};
    for (std::size_t i = 0; i <= cells; ++i) {
      const double size = map.size(share(i));
      const auto excess = [&](double log_tokens) { return map.loss(size, std::exp(log_tokens)) - level; };
      const double low = std::log(map.tokens(0));
      const double high = std::log(map.tokens(1));
      const double most = excess(low);
      const double least = excess(high);
      if (std::isnan(most) || std::isnan(least)) continue;
      const double at = most <= 0 ? low : least >= 0 ? high : num::find_root(excess, low, high);
      line.points.push_back({map.params(size), std::exp(at), level});
    }
    if (line.points.size() > 1) views.contours.push_back(std::move(line));
  }
}

void fill_isoflop(const Map& map, const Candidate& chosen, double level, Views& views) {
  const Problem& problem = map.problem();
  views.compute = problem.model().compute(chosen.at.size, static_cast<double>(chosen.tokens));
  for (std::size_t i = 0; i <= cells; ++i) {
    const double size = map.size(share(i));
    const double tokens = problem.model().tokens_for(size, views.compute);
    if (!map.shows(tokens)) continue;
    const std::vector<double> losses = problem.losses(size, tokens);
    views.isoflop.push_back(
        {map.point(size, tokens), losses.empty() ? Interval{} : num::percentile_interval(losses, level)});
  }
}

// Sizes that the machines' rate and every budget leave tokens for.
void fill_limited(const Map& map, Views& views) {
  const Problem& problem = map.problem();
  if (!problem.minimises_loss() || problem.scenario().pinned_tokens) return;
  bool other = false;
  std::vector<Views::Limited> line;
  for (std::size_t i = 0; i <= cells; ++i) {
    const AtSize at = problem.on_curve(map.view(), map.size(share(i)));
    if (!at.feasible || !at.row || !map.shows(at.tokens)) continue;
    const Row& row = problem.rows()[*at.row];
    other = other || row.base != Base::law_flop;
    line.push_back({map.point(at.size, at.tokens), row.name});
  }
  if (other) views.limited = std::move(line);
}

// Micro-batches pass one after the other; the rest comes once in a step.
std::vector<Views::Part> step_parts(const Run& run) {
  const training::StepTime& time = run.layout.time;
  const double passes = time.scale * static_cast<double>(time.micro_batches);
  return {{"forward and backward", passes * time.stage_s},
          {"between pipeline stages", passes * time.p2p_s},
          {"pipeline fills and drains", time.scale * time.bubble_s},
          {"gradients and weights exchanged", time.scale * time.dp_s},
          {"optimiser", time.scale * time.optimizer_s},
          {"slower under the power cap", run.step_s - time.step_s}};
}

std::vector<Views::Part> memory_parts(const Run& run) {
  const training::StageMemory& worst = run.layout.memory.worst;
  return {{"weights", worst.weights},
          {"gradients", worst.gradients},
          {"optimiser", worst.optimizer},
          {"activations", worst.activations},
          {"working space", worst.working},
          {"logits", worst.logits},
          {"context, fragmentation and margin", run.layout.memory.safe - worst.total()}};
}

}  // namespace

Views views_of(const Problem& problem, const View& view, const Candidate& chosen,
               const std::vector<DrawnOptimum>& draws, double level) {
  const Map map(problem, view, chosen, draws);
  Views views;
  fill_grid(map, views);
  fill_contours(map, views);
  fill_isoflop(map, chosen, level, views);
  fill_limited(map, views);
  for (const DrawnOptimum& draw : draws) {
    if (std::isnan(draw.params)) {
      ++views.draws_unsolved;
    } else {
      views.draws.push_back({draw.params, draw.tokens, draw.loss});
    }
  }
  if (chosen.run) {
    views.step_s = step_parts(*chosen.run);
    views.memory_bytes = memory_parts(*chosen.run);
  }
  return views;
}

}  // namespace scaleplan::plan
