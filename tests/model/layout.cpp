#include "scaleplan/model/layout.hpp"

#include <catch2/catch.hpp>

using namespace scaleplan;
using namespace scaleplan::model;

TEST_CASE("what a layout prints reads back as the same layout") {
  for (const std::int64_t degree : {1, 2, 12, 128}) {
    for (int zero = 0; zero <= 3; ++zero) {
      for (const Recompute recompute :
           {Recompute::none, Recompute::selective, Recompute::operators, Recompute::full}) {
        for (const bool parallel : {false, true}) {
          const Layout layout{degree, 3, 5, degree, 7, zero, zero > 1 ? 4 : 0, 9, 2, recompute, parallel};
          const Result<Layout> read = parse_layout(to_text(layout), 1);
          REQUIRE(read);
          CHECK(*read == layout);
        }
      }
    }
  }
}

TEST_CASE("replicas take the devices that are left") {
  const Result<Layout> layout = parse_layout(" full,tp8  pp4 zero3/8", 64);
  REQUIRE(layout);
  CHECK(layout->dp == 2);
  CHECK(layout->zero_group == 8);
  CHECK(layout->recompute == Recompute::full);
  CHECK(!parse_layout("tp3", 64));
}

TEST_CASE("words that say nothing about a layout are refused") {
  for (const char* text : {"tp", "tp0", "tp-2", "tp8x", "zero4", "zero", "zero1/", "zero1/0", "zerofull",
                           "dp1e3", "x", "tp99999999999999999999"}) {
    CAPTURE(text);
    const Result<Layout> layout = parse_layout(text, 64);
    REQUIRE(!layout);
    CHECK(to_text(layout.errors().front()).find("says nothing about a layout") != std::string::npos);
  }
  CHECK(to_text(find_recompute("ful").errors().front()).find("full") != std::string::npos);
}
