#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/common.hpp"
#include "report/saved.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::report {
namespace {

// Units by how keys end; results carry SI numbers with the unit in the name.
Dimension dimension_of_key(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, Dimension>, 16> endings = {{
      {"params", Dimension::params},
      {"parameters", Dimension::params},
      {"tokens", Dimension::tokens},
      {"batch_tokens", Dimension::tokens},
      {"tokens_per_s", Dimension::number},
      {"flop", Dimension::flop},
      {"compute", Dimension::flop},
      {"bytes", Dimension::bytes},
      {"_s", Dimension::seconds},
      {"_j", Dimension::joules},
      {"_g", Dimension::grams},
      {"_w", Dimension::watts},
      {"_usd", Dimension::dollars},
      {"device_hours", Dimension::device_hours},
      {"mfu", Dimension::fraction},
      {"loss", Dimension::nats},
  }};
  if (const plan::PlanQuantity* quantity = plan::find_quantity(key)) {
    return quantity->dimension;
  }
  const auto* found = std::find_if(endings.begin(), endings.end(),
                                   [&](const auto& each) { return key.ends_with(each.first); });
  return found == endings.end() ? Dimension::number : found->second;
}

std::string_view last_part(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

bool is_interval(const json::Value& value) {
  return value.is_array() && value.array().size() == 2 && value.array()[0].is_number() &&
         value.array()[1].is_number();
}

bool is_table(const json::Value& value) {
  return value.is_array() && !value.array().empty() &&
         std::all_of(value.array().begin(), value.array().end(),
                     [](const json::Value& v) { return v.is_object(); });
}

bool is_text_list(const json::Value& value) {
  return value.is_array() && !value.array().empty() &&
         std::all_of(value.array().begin(), value.array().end(),
                     [](const json::Value& v) { return v.is_string(); });
}

Cell cell_of(const std::string& key, const json::Value& value) {
  const Dimension dimension = dimension_of_key(last_part(key));
  if (value.is_number()) {
    return quantity(value.number(), dimension);
  }
  if (is_interval(value)) {
    return range_text(value.array()[0].number(), value.array()[1].number(), dimension);
  }
  if (value.is_string()) {
    return value.string();
  }
  if (value.is_null()) {
    return "–";
  }
  if (value.is_array() && value.array().size() > 6) {
    return counted(value.array().size(), "item");
  }
  return json::write(value, false);
}

std::string dotted(const std::string& prefix, const std::string& key) {
  return prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
}

// Members of members as "a.b"; tables and lists stay for sections of their own.
void flatten(const std::string& prefix, const json::Value& value, std::vector<json::Member>& out) {
  for (const auto& [key, member] : value.object()) {
    const std::string name = dotted(prefix, key);
    if (member.is_object()) {
      flatten(name, member, out);
    } else {
      out.emplace_back(name, member);
    }
  }
}

Table table_of(const json::Value& list) {
  Table table;
  std::vector<std::vector<json::Member>> rows;
  std::vector<std::string> keys;
  for (const json::Value& item : list.array()) {
    std::vector<json::Member>& row = rows.emplace_back();
    flatten("", item, row);
    for (const auto& [key, value] : row) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(key);
        table.columns.push_back({key, {key}, value.is_number()});
      }
    }
  }
  for (const std::vector<json::Member>& row : rows) {
    std::vector<Cell>& cells = table.rows.emplace_back(keys.size(), Cell("–"));
    for (const auto& [key, value] : row) {
      cells[static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin())] =
          cell_of(key, value);
    }
  }
  return table;
}

// Scalars of one object as rows, its tables and lists as sections of their own.
void add_object(const std::string& title, const json::Value& value, std::vector<Section>& sections) {
  std::vector<json::Member> members;
  flatten("", value, members);
  Section section{title};
  Table table{{text_column("key", "key"), column("value", "value")}, {}, {}};
  std::vector<Section> inner;
  for (const auto& [key, member] : members) {
    const std::string name = dotted(title, key);
    if (is_table(member)) {
      inner.push_back({name, {}, {table_of(member)}});
    } else if (is_text_list(member)) {
      Section list{name, {}, {}, {}, {}, key == "warnings"};
      for (const json::Value& line : member.array()) {
        list.lines.push_back(line.string());
      }
      inner.push_back(std::move(list));
    } else {
      table.rows.push_back({key, cell_of(key, member)});
    }
  }
  if (!table.rows.empty()) {
    section.tables.push_back(std::move(table));
    sections.push_back(std::move(section));
  }
  std::move(inner.begin(), inner.end(), std::back_inserter(sections));
}

}  // namespace

Report present_any(const json::Value& document, const std::string& kind) {
  const Fields fields(document);
  Report report;
  report.title = "Result: " + kind;
  const json::Value* status = fields.find("status");
  if (status != nullptr && status->is_string()) {
    report.title += " (" + status->string() + ")";
  }
  json::Value top = json::Object{};
  std::vector<Section> sections;
  for (const auto& [key, value] : document.object()) {
    if (value.is_object()) {
      add_object(key, value, sections);
    } else if (key != "schema") {
      top.set(key, value);
    }
  }
  add_object("", top, report.sections);
  std::move(sections.begin(), sections.end(), std::back_inserter(report.sections));
  report.document = document;
  return report;
}

}  // namespace scaleplan::report
