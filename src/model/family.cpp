#include "scaleplan/model/family.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/terms.hpp"

namespace scaleplan::model {

namespace {

template <class T>
T pick(const Counts<T>& c, Count count) {
  switch (count) {
    case Count::total:
      return c.total;
    case Count::active:
      return c.active;
    case Count::non_embedding:
      return c.non_embedding;
    case Count::active_non_embedding:
      return c.active_non_embedding;
    case Count::head_no_embedding:
      return c.head_no_embedding;
  }
  return c.total;
}

std::int64_t kv_heads_for(const Family& family, std::int64_t heads) {
  for (std::int64_t kv : family.kv_heads) {
    if (heads % kv == 0) return kv;
  }
  return heads;
}

struct LayerRange {
  std::int64_t least;
  std::int64_t most;
};

LayerRange layers_at(const Family& family, std::int64_t hidden) {
  const auto h = static_cast<double>(hidden);
  return {std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(h / family.aspect_high))),
          static_cast<std::int64_t>(std::floor(h / family.aspect_low))};
}

// Widths at a real hidden size, with their derivatives to ln(hidden).
Widths<Dual> smooth_widths(const Family& family, double hidden, double aspect) {
  auto linear = [hidden](double factor) { return Dual{factor * hidden, factor * hidden}; };
  Dual heads = linear(1 / static_cast<double>(family.hidden_per_head));
  Dual kv = heads;
  if (!family.kv_heads.empty() && static_cast<double>(family.kv_heads.front()) < heads.value) {
    kv = whole<Dual>(family.kv_heads.front());
  }
  Dual ffn = linear(family.ffn_ratio);
  const Dual layers = linear(1 / aspect);
  Dual routed = whole<Dual>(0);
  if (const Experts& e = family.base.experts; e.experts > 1) {
    routed = (layers - whole<Dual>(e.dense_layers)) * Dual{1 / static_cast<double>(e.period), 0};
  }
  Dual expert = family.expert_ffn_ratio > 0 ? linear(family.expert_ffn_ratio) : ffn;
  if (const std::int64_t fixed = family.base.experts.expert_ffn; fixed > 0) expert = whole<Dual>(fixed);
  return {layers, routed, linear(1), heads, kv, ffn, expert};
}

}  // namespace

std::int64_t counted(const Parameters& p, Count count) {
  return pick(Counts<std::int64_t>{p.total, p.active, p.embedding, p.non_embedding, p.active_non_embedding,
                                   p.head_no_embedding},
              count);
}

double counted(const SmoothPoint& p, Count count) {
  // the embedding count has no Count of its own
  return pick(
      Counts<double>{p.total, p.active, 0, p.non_embedding, p.active_non_embedding, p.head_no_embedding},
      count);
}

std::string_view count_name(Count count) {
  switch (count) {
    case Count::total:
      return "total";
    case Count::active:
      return "active";
    case Count::non_embedding:
      return "non_embedding";
    case Count::active_non_embedding:
      return "active_non_embedding";
    case Count::head_no_embedding:
      return "head_no_embedding";
  }
  return "total";
}

Shape Family::shape(std::int64_t layers, std::int64_t hidden) const {
  Shape shape = base;
  shape.layers = layers;
  shape.hidden = hidden;
  shape.heads = std::max<std::int64_t>(1, hidden / hidden_per_head);
  shape.kv_heads = kv_heads_for(*this, shape.heads);
  auto width = [&](double ratio) {
    const double multiple = static_cast<double>(ffn_multiple_of);
    // the tolerance keeps 3.5·4096 at 14336 when the ratio is not exact in binary
    return static_cast<std::int64_t>(std::ceil(ratio * static_cast<double>(hidden) / multiple - 1e-9)) *
           ffn_multiple_of;
  };
  shape.ffn = width(ffn_ratio);
  if (shape.experts.experts > 1 && shape.experts.expert_ffn == 0) {
    shape.experts.expert_ffn = width(expert_ffn_ratio > 0 ? expert_ffn_ratio : ffn_ratio);
  }
  return shape;
}

Shape smallest_shape(const Family& family) {
  const std::int64_t step = std::lcm(family.hidden_multiple_of, family.hidden_per_head);
  for (std::int64_t hidden = step;; hidden += step) {
    const LayerRange layers = layers_at(family, hidden);
    if (layers.least <= layers.most) return family.shape(layers.least, hidden);
  }
}

void enumerate(const Family& family, Count count, double low, double high,
               const std::function<void(const Shape&, const Parameters&)>& visit) {
  const std::int64_t step = std::lcm(family.hidden_multiple_of, family.hidden_per_head);
  constexpr std::int64_t widest = std::int64_t{1} << 21;
  for (std::int64_t hidden = step; hidden <= widest; hidden += step) {
    const LayerRange range = layers_at(family, hidden);
    const std::int64_t least = range.least;
    auto size = [&](std::int64_t layers) {  // in doubles: whole numbers overflow where nothing is visited
      const Shape shape = family.shape(layers, hidden);
      return pick(counts(shape, terms(shape, widths_of<double>(shape))), count);
    };
    const double smallest = size(least);
    // widths grow at least linearly while key/value heads may halve: a factor of two is beyond any of it
    if (smallest > 2 * high) return;
    const double layer = size(least + 1) - smallest;
    std::int64_t first = least;
    if (low > smallest) first += static_cast<std::int64_t>(std::floor((low - smallest) / layer));
    for (std::int64_t layers = first; layers <= range.most; ++layers) {
      const Shape shape = family.shape(layers, hidden);
      const Parameters parameters = count_parameters(shape);
      const auto n = static_cast<double>(counted(parameters, count));
      if (n > high) break;
      if (n >= low && defect(shape).empty()) visit(shape, parameters);
    }
  }
}

SmoothPoint smooth_point(const Family& family, Count count, double size, double sequence_length,
                         double aspect) {
  Widths<Dual> widths{};
  Terms<Dual> parts{};
  Counts<Dual> sizes{};
  auto at = [&](double log_hidden) {
    widths = smooth_widths(family, std::exp(log_hidden), aspect);
    parts = terms(family.base, widths);
    sizes = counts(family.base, parts);
    const Dual n = pick(sizes, count);
    return Dual{std::log(n.value / size), n.slope / n.value};
  };
  // ln(size) rises with ln(hidden) at a slope between 1 and 3 and without sharp bends: Newton, kept in a box
  double x = std::clamp(std::log(size * aspect / 12) / 3, 0.0, 18.0);
  for (int i = 0; i < 60; ++i) {
    const Dual f = at(x);
    const double step = f.slope > 0.1 ? -f.value / f.slope : (f.value > 0 ? -1.0 : 1.0);
    x = std::clamp(x + std::clamp(step, -4.0, 4.0), -20.0, 40.0);
    if (std::abs(step) < 1e-14) break;
  }
  at(x);
  const Dual flop =
      whole<Dual>(3) * (whole<Dual>(2) * multiplied(parts) + parts.scores * Dual{sequence_length, 0});
  const Dual n = pick(sizes, count);
  return {widths.hidden.value,
          widths.layers.value,
          size,
          sizes.total.value,
          sizes.active.value,
          sizes.non_embedding.value,
          sizes.active_non_embedding.value,
          sizes.head_no_embedding.value,
          flop.value,
          3 * parts.scores.value * sequence_length,
          (flop.slope / flop.value) / (n.slope / n.value)};
}

double least_flop_per_token(const Family& family, Count count, double size) {
  double least = HUGE_VAL;
  Family end = family;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, family.kv_heads.size()); ++i) {
    if (!family.kv_heads.empty()) end.kv_heads = {family.kv_heads[i]};
    for (double aspect : {family.aspect_low, family.aspect_high}) {
      least = std::min(least, smooth_point(end, count, size, 0, aspect).flop_per_token);
    }
  }
  // rounding the width of an expert shifts weight between the experts a token visits and the others
  return family.base.experts.experts > 1 ? 0.97 * least : least;
}

}  // namespace scaleplan::model
