#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "scaleplan/base/result.hpp"

namespace scaleplan::runs {

/// Run rows as columns. Numbers are in the canonical units of their column (params, non_embedding_params,
/// active_params: parameters; tokens, unique_tokens, batch_tokens: tokens; flops: FLOP; loss: nats per
/// token); NaN where a row does not give one. Text keys (dataset, condition, …) are labels, "" where absent.
struct Table {
  std::size_t rows = 0;
  std::map<std::string, std::vector<double>> columns;
  std::map<std::string, std::vector<std::string>> labels;  ///< `run` is the run's id
  std::vector<bool> outlier;                               ///< rows that the file itself flags
  std::vector<Place> places;                               ///< where each row stands in its file

  [[nodiscard]] bool has(const std::string& column) const { return columns.contains(column); }
};

/// Why rows are missing from a table.
struct Dropped {
  std::string reason;
  std::size_t count = 0;
  Place first;
};

/// Count `more` under its reason; the first place stays.
void add(std::vector<Dropped>& all, const Dropped& more);

/// A number as the text of a label: whole numbers in full, others with ten digits, NaN as "".
std::string label_text(double number);

/// Rows by index, in the given order; an index may stand twice.
Table select(const Table& table, const std::vector<std::size_t>& rows);

/// Rows of `more` behind those of `all`: columns absent in one are NaN there, and a name that is a number in
/// one and a word in the other becomes a label.
void append(Table& all, const Table& more);

/// The order of rows by content (numbers of all columns by column name, then labels, then the outlier flag),
/// so that results do not depend on the order in a file. An absent number stands last.
std::vector<std::size_t> canonical_order(const Table& table);

/// Rows that share a label value, by value in sorted order, rows in table order; a numeric column works by
/// its printed value, an absent value is the group "". An unknown key is an error that lists the labels there
/// are.
Result<std::map<std::string, std::vector<std::size_t>>> group_by(const Table& table, const std::string& key);

}  // namespace scaleplan::runs
