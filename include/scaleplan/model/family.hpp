#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

/// Which parameters a size counts.
enum class Count : std::uint8_t { total, active, non_embedding, active_non_embedding, head_no_embedding };
std::int64_t counted(const Parameters& parameters, Count count);
std::string_view count_name(Count count);

/// A published member of the lineage that the family must reproduce.
struct FamilyCheck {
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t params = 0;  ///< total
};

/// What makes shapes of one lineage from (layers, hidden): share/scaleplan/families, scaleplan/family/1.
struct Family {
  std::string id;
  std::string title;
  std::string source;
  Shape base;                          ///< everything but layers, hidden, heads, kv_heads, ffn
  std::vector<std::int64_t> kv_heads;  ///< the first that divides the heads is taken; empty: all heads
  double ffn_ratio = 4;                ///< ffn / hidden
  std::int64_t ffn_multiple_of = 1;    ///< ffn is rounded up to a multiple
  double expert_ffn_ratio = 0;         ///< of a routed expert; 0: experts are as wide as ffn
  std::int64_t hidden_per_head = 128;  ///< hidden / heads, usually the head size
  std::int64_t hidden_multiple_of = 128;
  double aspect_low = 64;  ///< hidden / layers
  double aspect_high = 160;
  double aspect_reference = 128;
  std::int64_t sequence_length = 8192;  ///< of pre-training, where a scenario says nothing
  std::vector<FamilyCheck> checks;

  /// The shape with these layers and this hidden size (a multiple of hidden_per_head).
  [[nodiscard]] Shape shape(std::int64_t layers, std::int64_t hidden) const;
};

/// Errors carry place and remedy: unknown keys, an aspect range without its reference, …
Result<Family> read_family(const json::Document& document);
Result<Family> find_family(const json::Catalogue& catalogue, std::string_view id);

/// Calls `visit` for every shape of the family with low ≤ counted size ≤ high, in order of hidden and layers.
void enumerate(const Family& family, Count count, double low, double high,
               const std::function<void(const Shape&, const Parameters&)>& visit);

/// The smallest shape of the family.
Shape smallest_shape(const Family& family);

/// A point of the family's smooth curve at one aspect: widths real, layers = hidden / aspect, no rounding.
struct SmoothPoint {
  double hidden = 0;
  double layers = 0;
  double size = 0;  ///< as counted
  double total = 0;
  double active = 0;
  double non_embedding = 0;
  double active_non_embedding = 0;
  double head_no_embedding = 0;
  double flop_per_token = 0;            ///< training, exact convention
  double attention_flop_per_token = 0;  ///< the part of it that grows with the sequence
  double dlog_flop_dlog_size = 0;
};

double counted(const SmoothPoint& point, Count count);

/// Sizes along the curve are strictly monotone in hidden, so every size > 0 has one point.
SmoothPoint smooth_point(const Family& family, Count count, double size, double sequence_length,
                         double aspect);

/// Training FLOP per token that no shape of the family with this size goes below. At one size the FLOP
/// outside attention are linear in the hidden size, so the ends of the aspect range (and of the key/value
/// heads) bound them; attention counts as nothing, which also covers what rounding moves.
double least_flop_per_token(const Family& family, Count count, double size);

}  // namespace scaleplan::model
