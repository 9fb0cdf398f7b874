#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "interop/support.hpp"

namespace scaleplan::interop {
namespace {

/// A text in pieces of odd sizes.
ByteSource pieces_of(const std::string& text, std::size_t piece) {
  return [&text, piece, at = std::size_t{0}](std::span<char> block) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({piece, block.size(), text.size() - at});
    std::memcpy(block.data(), text.data() + at, size);
    at += size;
    return size;
  };
}

RunLog streamed(const std::string& text, const RunLogOptions& options = {}) {
  Result<RunLog> log = read_run_log(pieces_of(text, 1000003), "f", options);
  if (!log) {
    throw std::runtime_error(told(log.errors()));
  }
  return std::move(*log);
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
           return x == y || (std::isnan(x) && std::isnan(y));
         });
}

void check_same(const RunLog& a, const RunLog& b) {
  CHECK(a.table.rows == b.table.rows);
  CHECK(a.mapped == b.mapped);
  REQUIRE(a.table.columns.size() == b.table.columns.size());
  for (const auto& [name, column] : a.table.columns) {
    INFO(name);
    CHECK(same(column, b.table.columns.at(name)));
  }
  CHECK(a.table.labels == b.table.labels);
  CHECK(a.table.outlier == b.table.outlier);
}

/// More than the 32 MiB that are read whole.
std::string long_rows() {
  constexpr std::size_t enough = 34UL << 20U;
  std::string text;
  for (int i = 0; text.size() < enough; ++i) {
    text += fmt::format(
        R"({{"N": {}, "tokens": {}, "final_loss": {}, "kind": "{}", "notes": "{:>400}", "x": [{}]{}}})",
        1000 + i, 7e9, 2 + 1.0 / (i + 1), i % 2 == 0 ? "even" : "odd", i, i,
        i % 1000 == 7 ? ", \"outlier\": true" : "");
    text += '\n';
  }
  return text;
}

TEST_CASE("a short file is read the same from a stream", "[stream]") {
  for (const char* name : {"/chinchilla-epoch.jsonl", "/logs/llmc.log", "/logs/wandb-history-export.csv",
                           "/logs/trainer_state-multi-eval.json", "/logs/wandb-history.jsonl"}) {
    const std::string text = contents(std::string(TEST_DATA) + name);
    check_same(logged(text), streamed(text));
  }
}

TEST_CASE("a long file keeps the columns with a meaning and those that are wanted", "[stream]") {
  const std::string text = long_rows();
  RunLog whole = logged(text);
  whole.table.columns.erase("x");
  whole.table.labels.erase("notes");
  const RunLog log = streamed(text, {.wanted = {"kind"}});
  check_same(whole, log);
  CHECK(log.ignored.at("notes") == log.table.rows);
  CHECK(log.ignored.at("x") == log.table.rows);
  CHECK(log.table.columns.at("params")[12345] == 13345);
  CHECK(log.table.places[12345].line == 12346);
  CHECK_FALSE(streamed(text).table.labels.contains("kind"));
}

TEST_CASE("problems in a long file have their lines", "[stream]") {
  std::string text = long_rows();
  const std::size_t good = logged(text).table.rows;
  text += "{\"N\": -1, \"tokens\": 1, \"final_loss\": 2}\n{\"N\": 1,, }\n{\"N\": 1e9, \"N\": 2}\n\n[1]\n";
  const Result<RunLog> log = read_run_log(pieces_of(text, 4096), "f", {});
  REQUIRE_FALSE(log);
  const std::string all = told(log.errors());
  CHECK_THAT(all, Catch::Contains(fmt::format("f:{}: /N: params is not positive: -1", good + 1)));
  CHECK_THAT(all, Catch::Contains(fmt::format("f:{}:9:", good + 2)));
  CHECK_THAT(all, Catch::Contains(fmt::format("f:{}:12: /N: key \"N\" appears twice", good + 3)));
  CHECK_THAT(all, Catch::Contains(fmt::format("f:{}:1: expected a record, got an array", good + 5)));
  const RunLog kept = streamed(text, {.skip_invalid = true});
  CHECK(kept.table.rows == good);
  CHECK(kept.dropped.size() == 3);
}

TEST_CASE("a long step log becomes a curve of bounded length", "[stream]") {
  constexpr int steps = 400000;
  std::string text;
  for (int i = 1; i <= steps; ++i) {
    text += fmt::format(
        R"({{"step": {}, "total_steps": 500000, "loss": {:.6f}, "lr": {:.9f}, "grad_norm": 1.25, "time": "0:00:01"}})",
        i, 2 + 5 / std::sqrt(i), 1e-3 * (1 - i / 500000.0));
    text += '\n';
  }
  const RunLog log = streamed(text);
  REQUIRE(log.curves.size() == 1);
  const runs::Curve& curve = log.curves[0];
  CHECK(curve.points.rows == steps / 2 + 1);
  CHECK(curve.points.columns.at("step").front() == 1.5);
  CHECK(curve.points.columns.at("step").back() == steps);
  CHECK(curve.points.columns.at("train_loss").back() == Approx(2 + 5 / std::sqrt(steps)).epsilon(1e-6));
  CHECK(log.table.columns.at("planned_steps")[0] == 500000);
  REQUIRE(curve.mended.size() == 1);
  CHECK(curve.mended[0].count == steps);
}

/// The records of `long_rows` as CSV, some with line ends and commas in a cell.
std::string long_cells() {
  constexpr std::size_t enough = 34UL << 20U;
  std::string text = "\xEF\xBB\xBFN,tokens,final_loss,kind,notes,outlier\n";
  for (int i = 0; text.size() < enough; ++i) {
    text += fmt::format("{},{},{},\"{}\",\"{:>400}{}\",{}\r\n", 1000 + i, 7e9, 2 + 1.0 / (i + 1),
                        i % 2 == 0 ? "even" : "odd", i, i % 7 == 0 ? "a \"\"b\"\",\n" : "",
                        i % 1000 == 7 ? "true" : "");
  }
  return text;
}

TEST_CASE("a long CSV file is read in blocks, cells with line ends included", "[stream]") {
  std::string text = long_cells();
  RunLog whole = logged(text);
  whole.table.labels.erase("notes");
  const RunLog log = streamed(text, {.wanted = {"kind"}});
  check_same(whole, log);
  CHECK(log.ignored.at("notes") == log.table.rows);
  CHECK(log.table.places[12345].line == whole.table.places[12345].line);
  CHECK(log.table.places.back().line == whole.table.places.back().line);
  const auto line = std::count(text.begin(), text.end(), '\n') + 1;
  text += "5,-1,2,x,y,\n5,1,2\n\xFF,1,2,x,y,\n";
  const Result<RunLog> refused = read_run_log(pieces_of(text, 4096), "f", {});
  REQUIRE_FALSE(refused);
  CHECK_THAT(told(refused.errors()), Catch::Contains("not valid UTF-8"));
  text.resize(text.size() - 12);
  const Result<RunLog> wrong = read_run_log(pieces_of(text, 4096), "f", {});
  REQUIRE_FALSE(wrong);
  CHECK_THAT(told(wrong.errors()), Catch::Contains("tokens is not positive: -1"));
  CHECK_THAT(told(wrong.errors()), Catch::Contains(fmt::format("f:{}: tokens", line)));
  CHECK_THAT(told(wrong.errors()), Catch::Contains("3 cells where the header has 6"));
}

TEST_CASE("a long text log is read in blocks", "[stream]") {
  std::string text;
  for (int i = 1; i <= 1000000; ++i) {
    text +=
        fmt::format("s:{} trl:{:.4f} lr:{:.6f} norm:1.65\n", i, 2 + 5 / std::sqrt(i), 1e-3 * (1 - i / 2e6));
    text +=
        i % 100 == 0 ? "checkpoint written to a folder with a long name, as programs say now and then\n" : "";
  }
  REQUIRE(text.size() > (32UL << 20U));
  const RunLog log = streamed(text);
  check_same(logged(text), log);
  CHECK(log.ignored.at("(line without a loss)") == 10000);
  REQUIRE(log.curves.size() == 1);
  CHECK(log.curves[0].points.columns.at("step").back() == 1000000);
}

TEST_CASE("a restart in a log of many pieces counts once", "[stream]") {
  constexpr int resumed = 500000;
  constexpr int stopped = 610000;
  constexpr int last = 700000;
  std::string text;
  const auto write = [&](int first, int end, double level) {
    for (int i = first; i <= end; ++i) {
      text += fmt::format(R"({{"step": {}, "loss": {}, "time": "0:00:01", "pad": "{:>20}"}})", i, level, i);
      text += '\n';
    }
  };
  write(1, stopped, 3);
  write(resumed, last, 2);
  const RunLog log = streamed(text);
  REQUIRE(log.curves.size() == 1);
  const runs::Table& points = log.curves[0].points;
  CHECK(points.rows <= (1U << 18U) + 1);
  const std::vector<double>& step = points.columns.at("step");
  CHECK(std::adjacent_find(step.begin(), step.end(), std::greater_equal<>()) == step.end());
  CHECK(step.back() == last);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const double loss = points.columns.at("train_loss")[i];
    const bool mixed = std::abs(step[i] - resumed) < 8;  // a group of neighbours over the restart
    CHECK((mixed || loss == (step[i] < resumed ? 3 : 2)));
  }
  REQUIRE(log.curves[0].mended.size() == 2);
  CHECK(log.curves[0].mended[0].count == Approx(stopped - resumed + 1).margin(4));
}

TEST_CASE("a key that takes another's place in a long log is told", "[stream]") {
  std::string text;
  for (int i = 1; i <= 600000; ++i) {
    text += fmt::format(R"({{"step": {}, "{}": 2.5, "time": "0:00:01", "pad": "{:>20}"}})", i,
                        i < 300000 ? "train/loss" : "training_loss", i);
    text += '\n';
  }
  const Result<RunLog> log = read_run_log(pieces_of(text, 1U << 20U), "f", {});
  REQUIRE_FALSE(log);
  CHECK_THAT(told(log.errors()), Catch::Contains("train_loss may be read from \"train"));
  CHECK(streamed(text, {.map = {{"train_loss", "train/loss"}}}).curves.size() == 1);
}

TEST_CASE("lines that simdjson reads and those that it refuses mean the same as JSON", "[stream]") {
  const std::vector<std::string> rows = {R"({"params": 12345678901234567890123, "loss": 3})",
                                         R"({"params": 18446744073709551615, "loss": 0.1})",
                                         R"({"loss": 2.5e0, "e": {"x": {"y": -0.0}}, "n": null})",
                                         R"({"run": "ä\u00e9\n\"", "loss": 1e-7})",
                                         R"({"e": {}, "flag": true, "list": [1, {"a": [2]}], "loss": 4})",
                                         R"({"params": 9007199254740993, "loss": 1})"};
  std::string lines;
  std::string array = "[";
  for (const std::string& row : rows) {
    lines += row + "\n";
    array += (array.size() > 1 ? "," : "") + row;
  }
  check_same(logged(lines), logged(array + "]"));
  CHECK(logged(lines).ignored == logged(array + "]").ignored);
  for (const char* twice : {R"({"a": null, "a": 1})", R"({"a": {"b": 1}, "a": {"c": 2}})",
                            R"({"a": {}, "a": {}})", R"({"a": [], "b": {"c": 1, "c": 2}, "a": []})"}) {
    CHECK_THAT(refusal("{\"a\": 1}\n" + std::string(twice) + "\n"), Catch::Contains("appears twice"));
  }
  CHECK_THAT(refusal("{\"a\": 1}\n{\"a\": 1e999}\n"),
             Catch::Contains("f:2:7: /a: number 1e999 is too large"));
  CHECK_THAT(refusal("{\"a\": 1}\n{\"loss\": {\"x\": 1}, \"tokens\": \"7B\"}\n"),
             Catch::Contains("f:2:30: /tokens: expected a number for tokens, got \"7B\""));
}

TEST_CASE("a source that fails ends the reading", "[stream]") {
  int calls = 0;
  const ByteSource failing = [&](std::span<char> block) -> Result<std::size_t> {
    if (++calls > 1) {
      return error("cannot read: the disk is gone");
    }
    std::fill(block.begin(), block.end(), ' ');
    return block.size() / 2;
  };
  const Result<RunLog> log = read_run_log(failing, "f", {});
  REQUIRE_FALSE(log);
  CHECK(log.errors()[0].message == "cannot read: the disk is gone");
}

}  // namespace
}  // namespace scaleplan::interop
