#include "cli/run_files.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "cli/files.hpp"

namespace scaleplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view facts_suffix = ".run.json";
constexpr std::string_view facts_name = "run.json";

bool is_run_log(const fs::path& path) {
  constexpr std::array<std::string_view, 6> endings = {".json", ".jsonl", ".ndjson", ".csv", ".log", ".txt"};
  const std::string name = path.filename().string();
  return !name.starts_with('.') && name != facts_name && !name.ends_with(facts_suffix) &&
         std::find(endings.begin(), endings.end(), path.extension().string()) != endings.end();
}

Result<std::vector<std::string>> logs_below(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code code;
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (entry->is_directory(code) && entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(code) && is_run_log(entry->path())) {
      out.push_back(entry->path().string());
    }
  }
  if (code) {
    return error("cannot read the directory: " + code.message(), {}, {folder, 0, 0, {}});
  }
  if (out.empty()) {
    return error("a directory without run logs",
                 "it should hold .json, .jsonl, .ndjson, .csv, .log or .txt files; else name files",
                 {folder, 0, 0, {}});
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<std::string>> matches_of(const std::string& pattern) {
  glob_t found = {};
  const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    out.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  std::erase_if(out, [](const std::string& path) { return !is_file(path); });
  if (code != 0 || out.empty()) {
    return error(fmt::format("no file matches '{}'", pattern), "check the pattern and the working directory");
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Result<std::vector<std::string>> run_files(const std::string& operand) {
  std::error_code code;
  if (fs::is_directory(operand, code)) {
    return logs_below(operand);
  }
  if (operand.find_first_of("*?[") != std::string::npos && !fs::exists(operand, code)) {
    return matches_of(operand);
  }
  return std::vector<std::string>{operand};
}

std::optional<std::string> facts_file(const std::string& log) {
  if (log == "-") {
    return std::nullopt;
  }
  for (const std::string& path :
       {log + std::string(facts_suffix), (fs::path(log).parent_path() / facts_name).string()}) {
    if (path != log && is_file(path)) {
      return path;
    }
  }
  return std::nullopt;
}

}  // namespace scaleplan::cli
