#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/terms/stack.hpp"
#include "scaleplan/terms/technique.hpp"

inline std::string all_text(const scaleplan::Diagnostics& diagnostics) {
  std::string text;
  for (const scaleplan::Diagnostic& diagnostic : diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

inline scaleplan::terms::Technique technique(const std::string& id) {
  const auto found = scaleplan::terms::find_technique(scaleplan::json::Catalogue(), id);
  INFO(id << ": " << (found ? "" : all_text(found.errors())));
  REQUIRE(found);
  return *found;
}

inline scaleplan::Result<scaleplan::terms::Stack> combined(const std::vector<std::string>& ids) {
  std::vector<scaleplan::terms::Chosen> chosen;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    chosen.push_back({technique(ids[i]), {"s.json", i + 1, 1, "/techniques/" + std::to_string(i)}});
  }
  return scaleplan::terms::Stack::combine(std::move(chosen));
}

inline scaleplan::terms::Stack stack(const std::vector<std::string>& ids) {
  auto result = combined(ids);
  INFO((result ? "" : all_text(result.errors())));
  REQUIRE(result);
  return *result;
}

inline std::string conflict(const std::vector<std::string>& ids) {
  const auto result = combined(ids);
  return result ? "accepted" : all_text(result.errors());
}
