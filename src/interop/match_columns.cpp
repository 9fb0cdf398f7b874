#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "interop/build_table.hpp"
#include "interop/columns.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::interop {
namespace {

const std::string outlier_column = "outlier";

/// Cells that can be read at all; lists cannot.
std::size_t readable_cells(const RawColumn& column) {
  return column.cells +
         static_cast<std::size_t>(std::count_if(column.kinds.begin(), column.kinds.end(), [](CellKind kind) {
           return kind != CellKind::absent && kind != CellKind::list;
         }));
}

bool is_size(std::string_view name) {
  return name.ends_with("params");
}

bool is_run_id(std::string_view key) {
  return key == "run" || std::any_of(run_id_aliases().begin(), run_id_aliases().end(),
                                     [&](std::string_view alias) { return is_alias(key, alias); });
}

class Matcher {
 public:
  Matcher(const Records& records, const RunLogOptions& options, bool steps, bool part, RunLog& log)
      : records_(records),
        options_(options),
        canonical_(steps ? step_columns() : canonical_columns()),
        part_(part),
        log_(log) {}

  Result<std::vector<Source>> match() {
    for (const auto& [name, key] : options_.map) {
      match_mapped(name, key);
    }
    for (const Canonical& canonical : canonical_) {
      match_canonical(canonical);
    }
    match_run_id();
    rename_params();
    if (!errors_.empty()) {
      return errors_;
    }
    match_others();
    return std::move(sources_);
  }

 private:
  void match_mapped(const std::string& name, const std::string& key) {
    const RawColumn* column = records_.find(key);
    if (column == nullptr || readable_cells(*column) == 0) {
      if (part_) {
        elsewhere_.insert(name);
      } else {
        errors_.push_back(unknown_key(name, key));
      }
      return;
    }
    if (name == outlier_column) {
      used_.insert(column);
      log_.mapped[name] = key;
      return;
    }
    const Canonical* own = find_canonical(canonical_, name);
    take(name, *column, own != nullptr ? own : find_canonical(canonical_columns(), name));
  }

  Diagnostic unknown_key(const std::string& name, const std::string& key) const {
    std::vector<std::string> keys;
    std::string listed;
    for (const RawColumn& column : records_.columns()) {
      if (readable_cells(column) == 0 && column.kinds.empty()) {
        continue;
      }
      keys.push_back(column.key);
      listed += (listed.empty() ? "" : ", ") + column.key;
    }
    const std::string guess = did_you_mean(key, keys);
    return error(fmt::format("no record has a value \"{}\", from which {} was to be read", excerpt(key),
                             excerpt(name)),
                 guess.empty() ? fmt::format("the keys are {}", excerpt(listed, 400)) : guess,
                 {records_.file(), 0, 0, {}});
  }

  void match_canonical(const Canonical& canonical) {
    const std::string name(canonical.name);
    if (taken(name)) {
      return;
    }
    std::vector<const RawColumn*> found;
    if (const RawColumn* own = records_.find(name); own != nullptr && readable_cells(*own) > 0) {
      found.push_back(own);
    } else {
      found = aliases_of(canonical);
    }
    if (found.size() == 1 || (canonical.best_first && !found.empty())) {
      take(name, *found.front(), &canonical);
    } else if (found.size() > 1) {
      errors_.push_back(ambiguous(name, found));
    }
  }

  std::vector<const RawColumn*> aliases_of(const Canonical& canonical) const {
    std::vector<const RawColumn*> found;
    for (const RawColumn& column : records_.columns()) {
      if (goes_by(column.key, canonical) && readable_cells(column) > 0 && !used_.contains(&column)) {
        found.push_back(&column);
      }
    }
    const auto rank = [&](const RawColumn* column) {
      return std::find_if(canonical.aliases.begin(), canonical.aliases.end(),
                          [&](std::string_view each) { return is_alias(column->key, each); }) -
             canonical.aliases.begin();
    };
    if (canonical.best_first) {
      std::stable_sort(found.begin(), found.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
    }
    return found;
  }

  Diagnostic ambiguous(const std::string& name, const std::vector<const RawColumn*>& found) const {
    std::string listed;
    for (const RawColumn* column : found) {
      listed += fmt::format("{}\"{}\"", listed.empty() ? "" : " and ", column->key);
    }
    return error(fmt::format("{} may be read from {}", name, listed),
                 fmt::format("say which: --map {}={}", name, found.front()->key),
                 {records_.file(), 0, 0, {}});
  }

  void match_run_id() {
    if (taken("run") || records_.find("run") != nullptr) {
      return;
    }
    for (const std::string_view alias : run_id_aliases()) {
      for (const RawColumn& column : records_.columns()) {
        if (is_alias(column.key, alias) && readable_cells(column) > 0 && !used_.contains(&column)) {
          take("run", column, nullptr);
          return;
        }
      }
    }
  }

  void rename_params() {
    const std::string& counts = options_.params_count;
    if (counts.empty() || counts == "total") {
      return;
    }
    const auto params = find("params");
    if (params == sources_.end()) {
      return;
    }
    const std::string name = counts + "_params";
    if (taken(name)) {
      errors_.push_back(
          error(fmt::format("params is to count {} parameters, but the records have {} too", counts, name),
                "leave --counts out", {records_.file(), 0, 0, {}}));
      return;
    }
    params->name = name;
    log_.mapped.erase("params");
    log_.mapped[name] = params->column->key;
  }

  void match_others() {
    for (const RawColumn& column : records_.columns()) {
      const std::size_t cells = readable_cells(column);
      const auto lists = column.lists + static_cast<std::size_t>(std::count(
                                            column.kinds.begin(), column.kinds.end(), CellKind::list));
      if (lists > 0) {
        log_.ignored[column.key] += lists;
      }
      if (cells == 0 || used_.contains(&column) ||
          (column.key == outlier_column && !options_.map.contains(column.key))) {
        continue;
      }
      if (taken(column.key) || !column.kept) {
        log_.ignored[column.key] += cells;
      } else {
        sources_.push_back({column.key, &column, nullptr});
      }
    }
  }

  void take(const std::string& name, const RawColumn& column, const Canonical* meaning) {
    sources_.push_back({name, &column, meaning});
    used_.insert(&column);
    log_.mapped[name] = column.key;
  }
  std::vector<Source>::iterator find(const std::string& name) {
    return std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.name == name; });
  }
  bool taken(const std::string& name) { return find(name) != sources_.end() || elsewhere_.contains(name); }

  const Records& records_;
  const RunLogOptions& options_;
  std::span<const Canonical> canonical_;
  bool part_;
  RunLog& log_;
  std::vector<Source> sources_;
  std::set<const RawColumn*> used_;
  std::set<std::string> elsewhere_;  // mapped to keys that these records do not have
  Diagnostics errors_;
};

}  // namespace

bool are_steps(const Records& records, const RunLogOptions& options) {
  bool step = false;
  std::vector<const RawColumn*> ids;
  for (const auto& [name, key] : options.map) {
    step = step || name == "step";
    if (is_size(name)) {
      return false;
    }
  }
  for (const RawColumn& column : records.columns()) {
    const bool size =
        std::any_of(canonical_columns().begin(), canonical_columns().end(),
                    [&](const Canonical& c) { return is_size(c.name) && goes_by(column.key, c); });
    if (size && readable_cells(column) > 0) {
      return false;
    }
    step = step || goes_by(column.key, *find_canonical(step_columns(), "step"));
    if (std::find(column.kinds.begin(), column.kinds.end(), CellKind::text) != column.kinds.end() &&
        is_run_id(column.key)) {
      ids.push_back(&column);
    }
  }
  const auto repeats = [](const RawColumn* column) {
    std::set<std::string> seen;
    return std::any_of(column->texts.begin(), column->texts.end(),
                       [&](const std::string& id) { return !id.empty() && !seen.insert(id).second; });
  };
  return step && records.rows() > 1 && (ids.empty() || std::any_of(ids.begin(), ids.end(), repeats));
}

Result<std::vector<Source>> match_columns(const Records& records, const RunLogOptions& options, bool steps,
                                          bool part, RunLog& log) {
  return Matcher(records, options, steps, part, log).match();
}

}  // namespace scaleplan::interop
