#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace scaleplan {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  void add(std::string_view data);
  /// Of all bytes so far, as 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string digest() const;

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;  ///< of the last block that is not full
  std::uint64_t bytes_ = 0;
};

/// SHA-256 of `data` as 64 lower-case hexadecimal digits: names an input in provenance.
std::string sha256(std::string_view data);

}  // namespace scaleplan
