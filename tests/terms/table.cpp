#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "scaleplan/terms/term.hpp"

using namespace scaleplan::terms;

TEST_CASE("the table of terms is found by name and refers to itself only") {
  std::set<std::string_view> names;
  for (const Term& term : all_terms()) {
    INFO(term.name);
    CHECK(find_term(term.name) == &term);
    CHECK(names.insert(term.name).second);
    CHECK_FALSE(term.meaning.empty());
    std::istringstream parts{std::string(term.contains)};
    for (std::string part; parts >> part;) {
      INFO(part);
      CHECK(find_term(part) != nullptr);
      CHECK(part != term.name);
    }
  }
  CHECK(find_term("train_flops") == nullptr);
  CHECK(find_term("") == nullptr);
}
