#include "interop/records.hpp"

#include <algorithm>
#include <utility>

#include "interop/flatten.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {

void Records::enter_block(std::string_view block, std::size_t first_line) {
  text_ = block;
  line_ = first_line;
  line_start_ = 0;
}

void Records::begin_line(std::size_t line, std::size_t start) {
  by_lines_ = true;
  line_ = line;
  line_start_ = start;
}

void Records::begin_record(std::size_t offset, std::string pointer) {
  offsets_.push_back(static_cast<std::uint32_t>(in_blocks_ ? line_ : offset));
  if (!in_blocks_) {
    pointers_.push_back(std::move(pointer));
    numbers_.push_back(static_cast<std::uint32_t>(seen_));
  }
  ++seen_;
  refused_.push_back(false);
  hint_ = 0;
}

void Records::drop_record() {
  const std::size_t row = rows() - 1;
  for (RawColumn& column : columns_) {
    if (column.last_row != row) {
      continue;
    }
    column.last_row = static_cast<std::size_t>(-1);
    if (column.kinds.size() > row) {
      column.kinds.resize(row);
      column.numbers.resize(row);
      column.offsets.resize(std::min(column.offsets.size(), row));
      column.texts.resize(std::min(column.texts.size(), row));
    }
  }
  offsets_.pop_back();
  refused_.pop_back();
  if (!in_blocks_) {
    pointers_.pop_back();
    numbers_.pop_back();
  }
  --seen_;
}

RawColumn* Records::column_of(const Key& key) {
  // records of one log nearly always have the same keys in the same order
  std::size_t at = hint_;
  if (at >= columns_.size() || columns_[at].key != key.text) {
    const auto [found, fresh] = index_.try_emplace(key.text, columns_.size());
    at = found->second;
    if (fresh) {
      columns_.emplace_back();
      columns_.back().key = key.text;
      columns_.back().pointer =
          key.holder == nullptr ? std::string{} : json::pointer_join(*key.holder, key.name);
      columns_.back().kept = !wanted_ || wanted_(key.text);
    }
  }
  hint_ = at + 1;
  RawColumn& column = columns_[at];
  const std::size_t row = rows() - 1;
  if (column.last_row == row) {
    return nullptr;
  }
  column.last_row = row;
  return &column;
}

bool Records::add(const Key& key, CellKind kind, std::size_t offset, double number, std::string_view text) {
  RawColumn* column = column_of(key);
  if (column == nullptr) {
    return false;
  }
  if (!column->kept) {
    ++(kind == CellKind::list ? column->lists : column->cells);
    return true;
  }
  const std::size_t row = rows() - 1;
  column->kinds.resize(row, CellKind::absent);
  column->numbers.resize(row);
  column->kinds.push_back(kind);
  column->numbers.push_back(number);
  if (!by_lines_ && !in_blocks_) {
    column->offsets.resize(row);
    column->offsets.push_back(static_cast<std::uint32_t>(offset));
  }
  if (kind == CellKind::text || !text.empty()) {
    column->texts.resize(row);
    column->texts.emplace_back(text);
  }
  return true;
}

void Records::refuse_record(std::string reason, Diagnostic told) {
  refused_.back() = true;
  problems_.push_back({number_of(rows() - 1), std::move(reason), std::move(told)});
}

void Records::refuse(std::size_t offset, std::string reason, Diagnostic told) {
  if (told.place.line == 0) {
    told.place = place(offset, std::move(told.place.pointer));
  }
  told.place.file = file_;
  problems_.push_back({in_blocks_ ? line_ : seen_, std::move(reason), std::move(told)});
  ++seen_;
}

Place Records::place(std::size_t offset, std::string pointer) const {
  Place found{file_, 0, 0, std::move(pointer)};
  if (in_blocks_) {
    found.line = line_;
    found.column = scaleplan::column_of(text_.substr(line_start_), offset - line_start_);
  } else {
    lines_.locate(text_, offset, found);
  }
  return found;
}

Place Records::row_place(std::size_t row) const {
  return in_blocks_ ? Place{file_, offsets_[row], 1, {}} : place(offsets_[row], pointers_[row]);
}

Place Records::cell_place(const RawColumn& column, std::size_t row) const {
  if (in_blocks_) {
    return {file_, offsets_[row], 0, column.pointer};
  }
  const std::size_t offset = by_lines_ ? offset_in_line(column, offsets_[row]) : column.offsets[row];
  return place(offset, column.pointer.empty() ? std::string{} : pointers_[row] + column.pointer);
}

std::size_t Records::offset_in_line(const RawColumn& column, std::size_t start) const {
  const std::string_view line = text_.substr(start, text_.find('\n', start) - start);
  const Result<json::Document> document = json::parse(std::string(line), file_);
  if (!document) {
    return start;
  }
  Records one(line, file_);
  Flattener(one, 0).add_record(document->root(), {});
  const RawColumn* found = one.find(column.key);
  return found == nullptr || found->offsets.empty() ? start : start + found->offsets.front();
}

const RawColumn* Records::find(const std::string& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &columns_[found->second];
}

}  // namespace scaleplan::interop
