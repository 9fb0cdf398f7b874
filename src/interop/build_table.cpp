#include "interop/build_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

#include "interop/columns.hpp"
#include "scaleplan/base/quantity.hpp"

namespace scaleplan::interop {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

struct Refusal {
  std::string reason;
  std::string message;
  std::string remedy;
};

/// How a text would read as a number, for the remedy.
std::string number_remedy(const std::string& text, bool quoted) {
  for (const Dimension dimension : {Dimension::tokens, Dimension::flop}) {
    if (const Result<double> value = parse_quantity(text, dimension)) {
      return fmt::format("write {}{}", format_number(*value, 15), quoted ? ", without quotes" : "");
    }
  }
  return quoted ? "write a number, or leave the key out" : "write a number, or leave the cell empty";
}

std::optional<Refusal> refuse_kind(const Source& source, std::size_t row) {
  const RawColumn& column = *source.column;
  const auto expected = [&](std::string_view got) {
    return fmt::format("expected a number for {}, got {}", source.name, got);
  };
  switch (column.kind(row)) {
    case CellKind::absent:
    case CellKind::number:
      return std::nullopt;
    case CellKind::not_a_number:
      return Refusal{
          source.name + " is NaN", source.name + " is NaN",
          "leave the cell empty when the value is unknown; --skip-invalid leaves such records out"};
    case CellKind::text:
      return Refusal{source.name + " is no number", expected("\"" + excerpt(column.texts[row]) + "\""),
                     number_remedy(column.texts[row], !column.pointer.empty())};
    case CellKind::boolean:
      return Refusal{source.name + " is no number", expected(column.numbers[row] == 1 ? "true" : "false"),
                     "write a number"};
    case CellKind::list:
      return Refusal{source.name + " is no number", expected("a list"), "write one number for each run"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_sign(const Source& source, Sign sign, double value) {
  if (sign == Sign::any || value > 0 || (sign == Sign::not_negative && value == 0)) {
    return std::nullopt;
  }
  const std::string fault = sign == Sign::positive ? " is not positive" : " is negative";
  std::string remedy = "correct the record; --skip-invalid leaves such records out";
  if (source.name == "loss") {
    remedy += "; a loss that may be negative keeps its own name";
  }
  return Refusal{source.name + fault, fmt::format("{}{}: {}", source.name, fault, format_number(value, 10)),
                 std::move(remedy)};
}

class Builder {
 public:
  Builder(Records& records, const std::vector<Source>& sources, runs::Table& table)
      : records_(records), sources_(sources), table_(table), bad_(records.rows()) {
    for (std::size_t row = 0; row < records.rows(); ++row) {
      bad_[row] = records.refused(row);
    }
  }

  void add_numbers(const Source& source, double factor) {
    std::vector<double> values(taken_numbers(source));
    for (std::size_t row = 0; row < source.column->kinds.size(); ++row) {
      std::optional<Refusal> refusal = refuse_kind(source, row);
      const bool present = !refusal && source.column->kind(row) == CellKind::number;
      if (present) {
        refusal = refuse_sign(source, source.meaning->sign, values[row]);
      }
      values[row] = present ? factor * values[row] : absent;
      if (refusal) {
        refuse(*source.column, row, std::move(*refusal));
      }
    }
    values.resize(records_.rows(), absent);
    table_.columns.emplace(source.name, std::move(values));
  }

  /// A number where all cells are numbers, else text; "nan" in a column of numbers is an absent value.
  void add_as_it_comes(const Source& source) {
    const RawColumn& column = *source.column;
    const bool words = std::any_of(column.kinds.begin(), column.kinds.end(), [](CellKind kind) {
      return kind == CellKind::text || kind == CellKind::boolean;
    });
    if (words || source.name == "run") {
      add_labels(source);
      return;
    }
    std::vector<double> values(taken_numbers(source));
    for (std::size_t row = 0; row < column.kinds.size(); ++row) {
      values[row] = column.kinds[row] == CellKind::number ? values[row] : absent;
    }
    values.resize(records_.rows(), absent);
    table_.columns.emplace(source.name, std::move(values));
  }

  void add_outliers(const RawColumn* column) {
    table_.outlier.assign(records_.rows(), false);
    for (std::size_t row = 0; column != nullptr && row < column->kinds.size(); ++row) {
      const CellKind kind = column->kinds[row];
      const std::string text = row < column->texts.size() ? column->texts[row] : std::string{};
      const double number = column->numbers[row];
      if (kind == CellKind::boolean || (kind == CellKind::number && (number == 0 || number == 1))) {
        table_.outlier[row] = number == 1;
      } else if (text == "true" || text == "True" || text == "TRUE") {
        table_.outlier[row] = true;
      } else if (kind != CellKind::absent && text != "false" && text != "False" && text != "FALSE") {
        refuse(*column, row,
               {"outlier is no truth value", "expected true or false for outlier", "write true or false"});
      }
    }
  }

  void add_places() {
    table_.places.reserve(records_.rows());
    for (std::size_t row = 0; row < records_.rows(); ++row) {
      table_.places.push_back(records_.row_place(row));
    }
  }

  void keep_good_rows() {
    std::vector<std::size_t> good;
    for (std::size_t row = 0; row < records_.rows(); ++row) {
      if (!bad_[row]) {
        good.push_back(row);
      }
    }
    table_.rows = records_.rows();
    if (good.size() < records_.rows()) {
      table_ = runs::select(table_, good);
    }
  }

 private:
  /// Whether no other source needs the cells of a column: they are then moved, since a long log should stand
  /// in memory once.
  [[nodiscard]] bool is_last_use(const RawColumn& column) const {
    return std::count_if(sources_.begin(), sources_.end(),
                         [&](const Source& other) { return other.column == &column; }) == 1;
  }

  /// The numbers of a column; a message may still need those of a column with words.
  std::vector<double> taken_numbers(const Source& source) {
    const RawColumn& column = *source.column;
    const bool only_numbers = std::all_of(column.kinds.begin(), column.kinds.end(), [](CellKind kind) {
      return kind == CellKind::number || kind == CellKind::absent;
    });
    if (!is_last_use(column) || !only_numbers) {
      return column.numbers;
    }
    return std::exchange(records_.own(column).numbers, {});
  }

  void add_labels(const Source& source) {
    const RawColumn& column = *source.column;
    std::vector<std::string> values =
        is_last_use(column) ? std::exchange(records_.own(column).texts, {}) : column.texts;
    values.resize(records_.rows());
    for (std::size_t row = 0; row < column.kinds.size(); ++row) {
      if (!values[row].empty()) {
        continue;
      }
      if (column.kinds[row] == CellKind::boolean) {
        values[row] = column.numbers[row] == 1 ? "true" : "false";
      } else if (column.kinds[row] == CellKind::number) {
        values[row] = runs::label_text(column.numbers[row]);
      }
    }
    table_.labels.emplace(source.name, std::move(values));
  }

  void refuse(const RawColumn& column, std::size_t row, Refusal refusal) {
    bad_[row] = true;
    records_.problems().push_back(
        {records_.number_of(row), std::move(refusal.reason),
         error(std::move(refusal.message), std::move(refusal.remedy), records_.cell_place(column, row))});
  }

  Records& records_;
  const std::vector<Source>& sources_;
  runs::Table& table_;
  std::vector<bool> bad_;
};

}  // namespace

void build_table(Records& records, const std::vector<Source>& sources, const RunLogOptions& options,
                 bool places, runs::Table& table) {
  Builder builder(records, sources, table);
  for (const Source& source : sources) {
    if (source.meaning != nullptr) {
      const bool bits = source.name.ends_with("loss") && options.loss_unit == "bits";
      builder.add_numbers(source, bits ? std::numbers::ln2 : 1.0);
    } else {
      builder.add_as_it_comes(source);
    }
  }
  const auto outlier = options.map.find("outlier");
  builder.add_outliers(records.find(outlier == options.map.end() ? "outlier" : outlier->second));
  if (places) {
    builder.add_places();
  }
  builder.keep_good_rows();
}

}  // namespace scaleplan::interop
