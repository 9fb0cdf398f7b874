#include <catch2/catch.hpp>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/report/present.hpp"

using namespace scaleplan;

namespace {

const json::Catalogue catalogue;

template <class T>
void read_all(const char* kind, Result<T> (*read)(const json::Document&), std::vector<T>& all,
              std::vector<json::Document>& entries) {
  for (const std::string& id : catalogue.ids(kind)) {
    entries.push_back(*catalogue.find(kind, id));
    all.push_back(*read(entries.back()));
  }
}

}  // namespace

TEST_CASE("every technique can be shown with its terms, its use and its document") {
  std::vector<terms::Technique> techniques;
  std::vector<json::Document> entries;
  read_all("techniques", terms::read_technique, techniques, entries);
  for (std::size_t i = 0; i < techniques.size(); ++i) {
    const terms::Technique& technique = techniques[i];
    INFO(technique.id);
    const report::Report shown = report::present_technique(technique, entries[i]);
    CHECK(json::write(shown.document) == json::write(entries[i].root()));
    const report::Table& table = shown.sections.at(0).tables.at(0);
    CHECK(table.rows.size() == technique.effects.size() + technique.costs.size());
    CHECK(table.rows.front().at(1).text == technique.effects.front().term);
    const std::string text = report::render(shown, report::Format::markdown);
    CHECK(text.find("Use: ") != std::string::npos);
    CHECK((technique.use != terms::Use::reference || text.find("Why not: ") != std::string::npos));
  }
  const report::Report list = report::present_techniques(techniques, entries);
  CHECK(list.sections.at(0).tables.at(0).rows.size() >= techniques.size());
  CHECK(list.document.find("entries")->array().size() == techniques.size());
}

TEST_CASE("regions are listed with the year of every figure, or that none is stated") {
  std::vector<economy::Region> regions;
  std::vector<json::Document> entries;
  read_all("regions", economy::read_region, regions, entries);
  const report::Report list = report::present_regions(regions, entries);
  const report::Table& table = list.sections.at(0).tables.at(0);
  REQUIRE(table.rows.size() >= regions.size());
  for (const auto& row : table.rows) {
    INFO(row.at(0).text);
    CHECK((!row.at(3).numbers.empty() || row.at(3).text == "not stated"));
    CHECK(row.at(4).numbers.size() == 1);
  }
}
