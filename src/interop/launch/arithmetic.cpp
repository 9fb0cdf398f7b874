#include "interop/launch/arithmetic.hpp"

#include <charconv>

namespace scaleplan::interop {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Whole-number arithmetic: sums and products of numbers, left to right within each precedence.
class Arithmetic {
 public:
  explicit Arithmetic(std::string_view text) : text_(text) {}
  std::optional<std::int64_t> value() {
    const auto sum = add();
    skip();
    return at_ == text_.size() ? sum : std::nullopt;
  }

 private:
  using Number = std::optional<std::int64_t>;
  void skip() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  char next() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  Number add() {
    Number sum = multiply();
    for (char sign = next(); sum && (sign == '+' || sign == '-'); sign = next()) {
      ++at_;
      const Number other = multiply();
      std::int64_t out = 0;
      const bool bad = !other || (sign == '+' ? __builtin_add_overflow(*sum, *other, &out)
                                              : __builtin_sub_overflow(*sum, *other, &out));
      sum = bad ? std::nullopt : Number(out);
    }
    return sum;
  }
  Number multiply() {
    Number product = unit();
    for (char sign = next(); product && (sign == '*' || sign == '/' || sign == '%'); sign = next()) {
      ++at_;
      const Number other = unit();
      std::int64_t out = 0;
      if (!other || (sign != '*' && *other <= 0)) return std::nullopt;
      if (sign == '*' && __builtin_mul_overflow(*product, *other, &out)) return std::nullopt;
      product = sign == '*' ? out : sign == '/' ? *product / *other : *product % *other;
    }
    return product;
  }
  Number unit() {
    if (next() == '(' && ++depth_ < 32) {
      ++at_;
      const Number inner = add();
      if (next() != ')') return std::nullopt;
      ++at_;
      return inner;
    }
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (code != std::errc{}) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<std::int64_t> whole_arithmetic(std::string_view text) {
  return Arithmetic(text).value();
}

}  // namespace scaleplan::interop
