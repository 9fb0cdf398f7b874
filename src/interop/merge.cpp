#include "scaleplan/interop/run_logs.hpp"

namespace scaleplan::interop {
namespace {

void append_mapped(std::map<std::string, std::string>& all, const std::map<std::string, std::string>& more) {
  for (const auto& [column, key] : more) {
    std::string& keys = all[column];
    if (keys.empty()) {
      keys = key;
    } else if (("," + keys + ",").find("," + key + ",") == std::string::npos) {
      keys += "," + key;
    }
  }
}

}  // namespace

RunLog merge(const std::vector<RunLog>& logs) {
  RunLog all;
  for (const RunLog& log : logs) {
    runs::append(all.table, log.table);
    all.curves.insert(all.curves.end(), log.curves.begin(), log.curves.end());
    for (const runs::Dropped& dropped : log.dropped) {
      runs::add(all.dropped, dropped);
    }
    for (const auto& [key, count] : log.ignored) {
      all.ignored[key] += count;
    }
    append_mapped(all.mapped, log.mapped);
    all.format = all.format.empty() || all.format == log.format ? log.format : "mixed";
  }
  return all;
}

}  // namespace scaleplan::interop
