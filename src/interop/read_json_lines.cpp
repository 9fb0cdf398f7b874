#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "interop/flatten.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view not_parsed = "not valid JSON";
constexpr std::size_t deepest = 60;  // below the limit of json::parse, which then decides

/// Records by simdjson, which is several times faster than json::parse but gives no places and keeps repeated
/// keys: lines that it does not take to, and those with a key met twice, are left to json::parse.
class FastLines {
 public:
  explicit FastLines(Records& records) : records_(records) {
    failed_ = parser_.allocate(initial_capacity, deepest) != simdjson::SUCCESS;
  }

  /// False when nothing was added. `line` lies within `text`, so that simdjson may look beyond its end.
  bool add(std::string_view line, std::string_view text, std::size_t offset) {
    dom::object object;
    if (failed_ || parse(line, text).get(object) != simdjson::SUCCESS || object.begin() == object.end()) {
      return false;
    }
    records_.begin_record(offset);
    if (add_members(object, {}, {})) {
      return true;
    }
    records_.drop_record();
    return false;
  }

 private:
  static constexpr std::size_t initial_capacity = 1U << 16U;

  simdjson::simdjson_result<dom::element> parse(std::string_view line, std::string_view text) {
    const bool padded = line.data() + line.size() + simdjson::SIMDJSON_PADDING <= text.data() + text.size();
    return parser_.parse(line.data(), line.size(), !padded);
  }

  bool add_members(const dom::object& object, const std::string& prefix, const std::string& pointer) {
    for (const dom::key_value_pair member : object) {
      key_.assign(prefix);
      key_ += prefix.empty() ? "" : "/";
      key_ += member.key;
      if (!add_value({key_, &pointer, member.key}, member.value)) {
        return false;
      }
    }
    return true;
  }

  bool add_value(const Key& key, const dom::element& value) {
    switch (value.type()) {
      case dom::element_type::NULL_VALUE:
        return records_.touch(key);
      case dom::element_type::OBJECT: {
        const std::string prefix = key.text;
        const std::string pointer = json::pointer_join(*key.holder, key.name);
        return records_.touch(key) && add_members(value.get_object().value_unsafe(), prefix, pointer);
      }
      case dom::element_type::ARRAY:
        return records_.add(key, CellKind::list, 0, 0, {});
      case dom::element_type::STRING:
        return records_.add(key, CellKind::text, 0, 0, value.get_string().value_unsafe());
      case dom::element_type::BOOL:
        return records_.add(key, CellKind::boolean, 0, value.get_bool().value_unsafe() ? 1 : 0, {});
      default:
        return records_.add(key, CellKind::number, 0, value.get_double().value_unsafe(), {});
    }
  }

  Records& records_;
  dom::parser parser_;
  std::string key_;
  bool failed_ = false;
};

class JsonLinesReader : public RowReader {
 public:
  Result<std::size_t> read(std::string_view text, bool last, std::size_t& line, Records& records) override {
    const std::string_view lines = whole_lines(text, last);
    FastLines fast(records);
    for (std::size_t start = lines.size() - without_bom(lines).size(); start < lines.size(); ++line) {
      const std::size_t end = std::min(lines.find('\n', start), lines.size());
      const std::string_view record = lines.substr(start, end - start);
      const std::size_t first = record.find_first_not_of(" \t\r");
      if (first != std::string_view::npos) {
        records.begin_line(line, start);
        if (!fast.add(record, text, start + first)) {
          const Result<json::Document> document = json::parse(std::string(record), records.file(), {}, line);
          if (document) {
            Flattener(records, start).add_record(document->root(), {});
          } else {
            records.refuse(start, std::string(not_parsed), document.errors().front());
          }
        }
      }
      start = end + 1;
    }
    return lines.size();
  }
};

}  // namespace

std::unique_ptr<RowReader> json_lines_reader() {
  return std::make_unique<JsonLinesReader>();
}

}  // namespace scaleplan::interop
