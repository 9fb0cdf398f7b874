#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "interop/support.hpp"

namespace scaleplan::interop {
namespace {

const std::string logs = TEST_DATA "/logs/";

TEST_CASE("a table derived from W&B", "[files]") {
  const RunLog log = logged(contents(logs + "wandb-derived-runs.jsonl"));
  CHECK(log.table.rows == 27);
  CHECK(log.mapped == std::map<std::string, std::string>{{"active_params", "params_active_precise"},
                                                         {"flops", "FLOPs"},
                                                         {"loss", "final_loss"},
                                                         {"tokens", "tokens"}});
  CHECK(log.table.columns.at("loss")[0] == 3.4469954302);
}

TEST_CASE("a W&B summary is one run", "[files]") {
  const RunLog log = logged(contents(logs + "wandb-summary.json"));
  CHECK(log.table.rows == 1);
  CHECK(log.mapped ==
        std::map<std::string, std::string>{{"loss", "eval/loss"}, {"tokens", "throughput/total_tokens"}});
  CHECK(log.table.columns.at("tokens")[0] == 828081438720);
  CHECK(log.table.columns.at("eval/paloma/c4_en/loss")[0] == Approx(2.7882239818573).epsilon(1e-15));
  CHECK(log.table.columns.at("_wandb/runtime")[0] == 0);
}

TEST_CASE("an OpenLM record says its size, tokens and losses", "[files]") {
  const RunLog log = logged(contents(logs + "openlm-run-record.json"));
  CHECK(log.format == "OpenLM run record");
  CHECK(log.table.columns.at("params")[0] == 153677376);
  CHECK(log.table.columns.at("non_embedding_params")[0] == 124628544);
  CHECK(log.table.columns.at("tokens")[0] == 12294190080);
  CHECK(log.table.columns.at("learning_rate")[0] == 0.003);
  CHECK(log.table.columns.at("hyperparameters/cd")[0] == 3e-5);
  CHECK(log.table.columns.at("loss")[0] == 3.9044316530227663);  // its only evaluation
  CHECK(log.table.labels.at("run")[0] == "c4_original-d=576_l=24_h=8-4.0");
  CHECK(log.ignored == std::map<std::string, std::size_t>{{"hyperparameters/fsdp_flags", 1}});
}

TEST_CASE("the losses of an OpenLM record are named after their texts", "[files]") {
  const RunLog log = logged(R"({"name": "a", "hyperparameters": {"params": 1e8, "tokens": 2e9}, "results": [
    {"loss": 3.5, "val_data": ["data/web/shard-0.tar"]}, {"loss": 2.5, "val_data": ["data/code/0.tar", "x"]},
    {"loss": 2.6, "val_data": ["more/code/0.tar"]}, {"loss": 4}, {"accuracy": 1}]})");
  CHECK_FALSE(log.table.has("loss"));
  CHECK(log.table.columns.at("loss/web")[0] == 3.5);
  CHECK(log.table.columns.at("loss/code")[0] == 2.5);
  CHECK(log.table.columns.at("loss/code2")[0] == 2.6);
  CHECK(log.table.columns.at("loss/3")[0] == 4);
}

TEST_CASE("a table written by pandas, with an index column", "[files]") {
  const RunLog log = logged(contents(logs + "pandas-to-csv.csv"));
  CHECK(log.table.rows == 3);
  CHECK(log.table.columns.at("tokens") == std::vector<double>{8.2e9, 2.8e10, 1.4e9});
  CHECK(log.table.labels.at("dataset")[0] == "web, filtered");
  CHECK(log.ignored.at("(column without a name)") == 3);
}

TEST_CASE("every hostile file is refused with its reason", "[files]") {
  const std::map<std::string, std::string> reasons = {
      {"a-fit.json", "f:1:12: /schema: a document of schema \"scaleplan/fit/1\" is no list of runs"},
      {"bad-outlier.jsonl", "f:1:54: /outlier: expected true or false"},
      {"binary.bin", "f: binary data, not plain text"},
      {"blank.csv", "f: the file is empty"},
      {"commas-between-lines.jsonl",
       "f:1:44: expected nothing after the end of the document, got \",\"; remove the comma"},
      {"compressed.jsonl.gz", "f: compressed data (gzip), not plain text; decompress it first: gunzip"},
      {"diverged.log", "f:2:9: train_loss is NaN"},
      {"duplicate-header.csv", "f:1:20: the header names \"tokens\" twice"},
      {"duplicate-keys.jsonl", "f:2:17: /params: key \"params\" appears twice, first at 2:2"},
      {"empty.jsonl", "f: the file is empty"},
      {"header-only.csv", "f: no run rows"},
      {"history-without-steps.json", "f: a history without steps; name the key of the step"},
      {"latin-1.csv", "f:2:16: the text is not valid UTF-8 (byte 0xE9)"},
      {"latin-1.jsonl", "f:1:56: /run: a string is not valid UTF-8"},
      {"latin-1.log", "f:2:33: the text is not valid UTF-8 (byte 0xE9)"},
      {"many-bad-lines.jsonl", "28 problems in all"},
      {"nan.csv", "f:2:9: loss is NaN"},
      {"nan.jsonl", "f:2:40: /loss: NaN is not a JSON number"},
      {"negative.jsonl", "f:2:39: /loss: loss is not positive: -0.5"},
      {"nested-twice.jsonl", "f:1:35: /eval/loss: key \"eval/loss\" appears twice"},
      {"no-header.csv", "f:1:1: the first line of a CSV file has numbers, not names; add a header line"},
      {"no-rows.json", "f: no run rows"},
      {"not-objects.json", "f:1:10: /2: expected a record, got null"},
      {"numbers-as-text.jsonl",
       "f:2:12: /params: expected a number for params, got \"7B\"; write 7000000000, without quotes"},
      {"open-quote.csv", "f:2:13: a quoted cell is not closed"},
      {"overflow.csv", "f:2:1: expected a number for params, got \"1e400\""},
      {"overflow.jsonl", "f:1:12: /params: number 1e400 is too large for a double"},
      {"page.html", "neither JSON nor a CSV header: \"<!DOCTYPE html>\""},
      {"prose.txt", "neither JSON nor a CSV header"},
      {"ragged.csv", "f:3:1: 4 cells where the header has 3"},
      {"runs-not-a-list.json", "f:1:10: /runs: expected an array of runs, got an object"},
      {"semicolons.csv", "separate cells by commas"},
      {"stray-quote.csv", "f:2:14: a double quote inside a cell that is not quoted"},
      {"truncated.json", "f:2:18: /1: a string has no closing quote"},
      {"truncated.jsonl", "f:2:32: a string has no closing quote"},
      {"two-losses.jsonl", "loss may be read from \"val_loss\" and \"eval/loss\""},
      {"units-in-cells.csv", "f:2:1: expected a number for params, got \"7B\"; write 7000000000"},
      {"utf-16.csv", "f: text in UTF-16, not plain text; save the file as UTF-8"},
      {"zero-byte.jsonl", "f: binary data, not plain text (byte 45 is zero)"},
  };
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TEST_DATA "/hostile")) {
    const std::string name = entry.path().filename();
    INFO(name);
    const std::string text = refusal(contents(entry.path()));
    REQUIRE(reasons.contains(name));
    CHECK_THAT(text, Catch::Contains(reasons.at(name)));
    CHECK_THAT(text, Catch::Contains("; "));  // a remedy
    ++files;
  }
  CHECK(files == reasons.size());
}

TEST_CASE("a damaged byte never passes unnoticed as a crash", "[files]") {
  const std::vector<std::string> texts = {
      "{\"params\": 1e8, \"loss\": 3, \"e\": {\"f\": [1]}}\n{\"params\": 2, \"outlier\": true}\n",
      "params,loss,run\n1e8,3,\"a,\"\"b\"\n2,1,c\n"};
  for (const std::string& text : texts) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(byte);
        for (const bool skip : {false, true}) {
          const auto log = read_run_log(damaged, "f", {.skip_invalid = skip});
          if (log) {
            REQUIRE(log->table.rows > 0);
            REQUIRE(log->table.outlier.size() == log->table.rows);
            REQUIRE(log->table.places.size() == log->table.rows);
          } else {
            REQUIRE_FALSE(log.errors().empty());
          }
        }
      }
    }
  }
}

TEST_CASE("hostile CSV is read in linear time", "[files]") {
  std::string text = "a,b\n";
  for (int i = 0; i < 200000; ++i) {
    text += "\"x,\n";
  }
  text += "\"";
  const auto log = read_run_log(text, "f", {});
  REQUIRE_FALSE(log);
  CHECK(log.errors().size() <= 11);
}

}  // namespace
}  // namespace scaleplan::interop
