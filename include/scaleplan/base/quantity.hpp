#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <type_traits>

#include "scaleplan/base/result.hpp"

namespace scaleplan {

/// A double with a compile-time dimension: exponents of the base quantities of the field.
/// Sums need equal dimensions; products and quotients add and subtract exponents; a dimensionless
/// result is a plain double. The unit of each base is fixed: FLOP, byte, token, parameter, second,
/// joule, dollar (USD), gram of CO2 equivalent.
template <int FlopE, int ByteE, int TokenE, int ParamE, int SecondE, int JouleE, int DollarE, int GramE>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double raw) : raw_(raw) {}
  [[nodiscard]] constexpr double raw() const { return raw_; }

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.raw_ + b.raw_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.raw_ - b.raw_); }
  friend constexpr Quantity operator*(double s, Quantity q) { return Quantity(s * q.raw_); }
  friend constexpr Quantity operator*(Quantity q, double s) { return Quantity(s * q.raw_); }
  friend constexpr Quantity operator/(Quantity q, double s) { return Quantity(q.raw_ / s); }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.raw_ / b.raw_; }
  friend constexpr auto operator<=>(Quantity a, Quantity b) = default;  // NOLINT(modernize-use-nullptr)

 private:
  double raw_ = 0;
};

template <int F, int B, int T, int P, int S, int J, int D, int G, int f, int b, int t, int p, int s, int j,
          int d, int g>
constexpr auto operator*(Quantity<F, B, T, P, S, J, D, G> x, Quantity<f, b, t, p, s, j, d, g> y) {
  using Product = Quantity<F + f, B + b, T + t, P + p, S + s, J + j, D + d, G + g>;
  if constexpr (std::is_same_v<Product, Quantity<0, 0, 0, 0, 0, 0, 0, 0>>) {
    return x.raw() * y.raw();
  } else {
    return Product(x.raw() * y.raw());
  }
}

template <int F, int B, int T, int P, int S, int J, int D, int G, int f, int b, int t, int p, int s, int j,
          int d, int g>
requires(F != f || B != b || T != t || P != p || S != s || J != j || D != d || G != g) constexpr auto
operator/(Quantity<F, B, T, P, S, J, D, G> x, Quantity<f, b, t, p, s, j, d, g> y) {
  return Quantity<F - f, B - b, T - t, P - p, S - s, J - j, D - d, G - g>(x.raw() / y.raw());
}

using Flop = Quantity<1, 0, 0, 0, 0, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0, 0, 0, 0, 0>;
using Tokens = Quantity<0, 0, 1, 0, 0, 0, 0, 0>;
using Params = Quantity<0, 0, 0, 1, 0, 0, 0, 0>;
using Seconds = Quantity<0, 0, 0, 0, 1, 0, 0, 0>;
using Joules = Quantity<0, 0, 0, 0, 0, 1, 0, 0>;
using Dollars = Quantity<0, 0, 0, 0, 0, 0, 1, 0>;
using GramsCo2 = Quantity<0, 0, 0, 0, 0, 0, 0, 1>;
using FlopPerSecond = decltype(Flop{} / Seconds{});
using FlopPerToken = decltype(Flop{} / Tokens{});
using BytesPerSecond = decltype(Bytes{} / Seconds{});
using TokensPerSecond = decltype(Tokens{} / Seconds{});
using Watts = decltype(Joules{} / Seconds{});
using DollarsPerSecond = decltype(Dollars{} / Seconds{});
using DollarsPerJoule = decltype(Dollars{} / Joules{});
using GramsCo2PerJoule = decltype(GramsCo2{} / Joules{});

/// The dimensions that a document key or an option may have. Text is read and printed in one of these;
/// numbers are SI throughout (seconds, watts, joules, grams; `device_hours` is hours of one device).
enum class Dimension {
  number,        ///< a plain number; no suffix
  count,         ///< whole number ≥ 0; 4k, 2M
  fraction,      ///< 0.4 or 40%
  params,        ///< 7B
  tokens,        ///< 1.4T
  flop,          ///< 6e23, 3.2ZFLOP
  flop_rate,     ///< 989TFLOP/s
  bytes,         ///< 80GB = 80e9, 80GiB = 80·2^30
  byte_rate,     ///< 3.35TB/s
  seconds,       ///< 30d, 12h, 90min, 18mo (of 30.4375 days), 2y
  watts,         ///< 2.5MW
  joules,        ///< 4.5GWh, 3MJ
  grams,         ///< 1.8kt, 5kg
  dollars,       ///< $5M, 5M, 5e6USD
  device_hours,  ///< 4.5M
  nats,          ///< loss per token; no suffix
};

/// Name of a dimension for messages: "tokens", "FLOP", "a duration".
std::string_view dimension_name(Dimension dimension);

/// How a quantity may be written, for messages: `1.4e12 or "1.4T"`.
std::string_view quantity_example(Dimension dimension);

/// Read `text` in `dimension`, rounded correctly ("4.1T" is the double nearest to 4.1e12). Refuses NaN,
/// infinity, empty text, trailing text, a bare `m` and units of another dimension, saying which. Negative
/// values are the caller's to judge.
Result<double> parse_quantity(std::string_view text, Dimension dimension);

/// Shortest usual form with at least four significant digits, e.g. "32.19B", "2.982T", "5.76e23", "75d".
/// What is printed can be read back by `parse_quantity` to within the digits shown.
std::string format_quantity(double value, Dimension dimension);

/// `value` with `digits` significant digits, no exponent between 1e-4 and 1e15 (a plain decimal).
std::string format_number(double value, int digits = 6);

}  // namespace scaleplan
