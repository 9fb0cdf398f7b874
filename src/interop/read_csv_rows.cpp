#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

struct Field {
  std::string text;
  std::size_t offset = 0;
};

struct Line {
  std::vector<Field> fields;
  std::size_t offset = 0;
  std::string broken;  ///< what is wrong with the quoting, or empty
  std::size_t broken_at = 0;
};

/// Reads records field by field (RFC 4180): a field in double quotes may hold commas, line ends and "" for ".
class CsvScanner {
 public:
  /// `last`: the text ends with its last record.
  CsvScanner(std::string_view text, bool last) : text_(text), last_(last) {}

  void skip_byte_order_mark() { at_ = text_.size() - without_bom(text_).size(); }
  /// Where the next record begins.
  [[nodiscard]] std::size_t at() const { return at_; }

  /// The next whole record.
  std::optional<Line> next() {
    if (at_ >= text_.size()) {
      return std::nullopt;
    }
    Line line;
    line.offset = at_;
    while (true) {
      line.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted(line) : plain(line));
      if (at_ >= text_.size() || text_[at_] != ',') {
        break;
      }
      ++at_;
    }
    if (!last_ && (unclosed_ || line_end() == text_.size())) {
      at_ = line.offset;
      return std::nullopt;
    }
    skip_line_end();
    return line;
  }

 private:
  [[nodiscard]] std::size_t line_end() const { return std::min(text_.find('\n', at_), text_.size()); }
  void skip_line_end() { at_ = std::min(line_end() + 1, text_.size()); }
  void complain(Line& line, std::string what, std::size_t where) {
    if (line.broken.empty()) {
      line.broken = std::move(what);
      line.broken_at = where;
    }
  }

  Field plain(Line& line) {
    const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    Field field{std::string(text_.substr(at_, end - at_)), at_};
    if (end == text_.size() || text_[end] == '\n') {
      if (field.text.ends_with('\r')) {
        field.text.pop_back();
      }
    }
    if (const std::size_t quote = field.text.find('"'); quote != std::string::npos) {
      complain(line, "a double quote inside a cell that is not quoted", at_ + quote);
    }
    at_ = end;
    return field;
  }

  Field quoted(Line& line) {
    Field field{{}, at_};
    // once the text has ended within quotes, a quoted cell must end on its line: reading stays linear
    const std::size_t limit = unclosed_ ? line_end() : text_.size();
    for (++at_; at_ < limit; ++at_) {
      if (text_[at_] != '"') {
        field.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field.text += '"';
        ++at_;
      } else {
        break;
      }
    }
    if (at_ >= limit) {
      unclosed_ = true;
      complain(line, "a quoted cell is not closed", field.offset);
      at_ = std::min(text_.find('\n', field.offset), text_.size());
      return field;
    }
    ++at_;
    if (const std::string_view rest = text_.substr(at_, 2);
        !rest.empty() && rest[0] != ',' && rest[0] != '\n' && rest != "\r\n" && rest != "\r") {
      complain(line, "text after the closing quote of a cell", at_);
      at_ = std::min(text_.find_first_of(",\n", at_), text_.size());
    }
    return field;
  }

  std::string_view text_;
  bool last_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The number of a cell, NaN for the text "nan", nothing for any other text.
std::optional<double> number_of(std::string_view cell) {
  if (cell.starts_with('+')) {
    cell.remove_prefix(1);
  }
  double value = 0;
  const auto [end, code] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || code != std::errc{} || end != cell.data() + cell.size() || std::isinf(value)) {
    return std::nullopt;
  }
  return value;
}

void add_cell(const std::string& key, const Field& field, Records& records) {
  const std::string_view cell = trimmed(field.text);
  if (cell.empty()) {
    return;
  }
  const std::optional<double> number = number_of(cell);
  const CellKind kind = !number               ? CellKind::text
                        : std::isnan(*number) ? CellKind::not_a_number
                                              : CellKind::number;
  // the text stays beside the number: a column with one word in it is text throughout
  records.add({key, nullptr, {}}, kind, field.offset, number.value_or(0), cell);
}

Diagnostics check_header(const Line& header, const Records& records) {
  Diagnostics errors;
  const auto fail = [&](std::string message, std::string remedy, std::size_t offset) {
    errors.push_back(error(std::move(message), std::move(remedy), records.place(offset)));
  };
  if (!header.broken.empty()) {
    fail(fmt::format("the header of a CSV file: {}", header.broken), "quote cells as RFC 4180 says",
         header.broken_at);
    return errors;
  }
  if (header.fields.size() < 2) {
    const bool other = header.fields.front().text.find_first_of(";\t") != std::string::npos;
    fail(fmt::format("neither JSON nor a CSV header: \"{}\"", excerpt(header.fields.front().text)),
         other ? "separate cells by commas" : "give run rows as JSON Lines, JSON, or CSV with a header line",
         header.offset);
    return errors;
  }
  const bool numbers = std::all_of(header.fields.begin(), header.fields.end(), [](const Field& field) {
    return trimmed(field.text).empty() || number_of(trimmed(field.text)).has_value();
  });
  if (numbers) {
    fail("the first line of a CSV file has numbers, not names", "add a header line: params,tokens,loss",
         header.offset);
    return errors;
  }
  std::set<std::string_view> seen;
  for (const Field& field : header.fields) {
    const std::string_view name = trimmed(field.text);
    if (!name.empty() && !seen.insert(name).second) {
      fail(fmt::format("the header names \"{}\" twice", excerpt(name)), "give each column a name of its own",
           field.offset);
    }
  }
  return errors;
}

void add_line(const Line& line, const std::vector<std::string>& names, Records& records) {
  if (!line.broken.empty()) {
    records.refuse(line.broken_at, "broken quoting", error(line.broken, "quote cells as RFC 4180 says"));
    return;
  }
  if (line.fields.size() != names.size()) {
    records.refuse(line.offset, "wrong number of cells",
                   error(fmt::format("{} cells where the header has {}", line.fields.size(), names.size()),
                         "give each line as many cells as the header; quote cells that contain commas"));
    return;
  }
  records.begin_record(line.offset);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) {
      add_cell(names[i], line.fields[i], records);
    }
  }
}

bool is_blank(const Line& line) {
  return line.broken.empty() && line.fields.size() == 1 && trimmed(line.fields.front().text).empty();
}

class CsvReader : public RowReader {
 public:
  Result<std::size_t> read(std::string_view text, bool last, std::size_t& line, Records& records) override {
    if (Diagnostics errors = refuse_encoding(whole_lines(text, last), line, records.file());
        !errors.empty()) {
      return errors;
    }
    CsvScanner scanner(text, last);
    if (names_.empty()) {
      if (Diagnostics errors = read_header(scanner, text, line, records); !errors.empty()) {
        return errors;
      }
    }
    while (const std::optional<Line> next = scanner.next()) {
      if (!is_blank(*next)) {
        enter(*next, line, records);
        add_line(*next, names_, records);
        ++records_;
      }
      line += line_ends(text, *next, scanner);
    }
    return scanner.at();
  }

  [[nodiscard]] std::map<std::string, std::size_t> ignored() const override {
    const bool nameless = std::find(names_.begin(), names_.end(), "") != names_.end();
    return nameless ? std::map<std::string, std::size_t>{{"(column without a name)", records_}}
                    : std::map<std::string, std::size_t>{};
  }

 private:
  static void enter(const Line& record, std::size_t line, Records& records) {
    if (records.in_blocks()) {
      records.begin_line(line, record.offset);
    }
  }
  static std::size_t line_ends(std::string_view text, const Line& record, const CsvScanner& scanner) {
    const std::string_view read = text.substr(record.offset, scanner.at() - record.offset);
    return static_cast<std::size_t>(std::count(read.begin(), read.end(), '\n'));
  }

  Diagnostics read_header(CsvScanner& scanner, std::string_view text, std::size_t& line, Records& records) {
    scanner.skip_byte_order_mark();
    while (const std::optional<Line> header = scanner.next()) {
      enter(*header, line, records);
      line += line_ends(text, *header, scanner);
      if (is_blank(*header)) {
        continue;
      }
      if (Diagnostics errors = check_header(*header, records); !errors.empty()) {
        return errors;
      }
      for (const Field& field : header->fields) {
        names_.emplace_back(trimmed(field.text));
      }
      return {};
    }
    return {error("neither JSON nor a CSV header",
                  "give run rows as JSON Lines, JSON, or CSV with a header line", records.place(0))};
  }

  std::vector<std::string> names_;
  std::size_t records_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> csv_reader() {
  return std::make_unique<CsvReader>();
}

}  // namespace scaleplan::interop
