#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "interop/support.hpp"

namespace scaleplan::interop {
namespace {

const std::string logs = TEST_DATA "/logs/";

/// The only curve of a file.
RunLog curve_log(const std::string& name, const RunLogOptions& options = {}) {
  RunLog log = logged(contents(logs + name), options);
  REQUIRE(log.curves.size() == 1);
  REQUIRE(log.table.rows == 1);
  return log;
}

const std::vector<double>& column(const RunLog& log, const std::string& name) {
  return log.curves.front().points.columns.at(name);
}

std::size_t values(const RunLog& log, const std::string& name) {
  const std::vector<double>& all = column(log, name);
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](double x) { return !std::isnan(x); }));
}

double row(const RunLog& log, const std::string& name) {
  return log.table.columns.at(name)[0];
}

TEST_CASE("llm.c logs keep training and evaluation apart", "[steps]") {
  const RunLog log = curve_log("llmc.log");
  CHECK(log.format == "llm.c log");
  CHECK(log.curves[0].points.rows == 41);
  CHECK(values(log, "train_loss") == 40);
  CHECK(values(log, "eval_loss") == 5);
  CHECK(column(log, "learning_rate")[1] == 9e-5);
  CHECK(row(log, "loss") == 3.9595);
  CHECK(row(log, "steps") == 200);
  CHECK(row(log, "learning_rate") == 6e-4);
  CHECK(log.curves[0].mended.empty());
}

TEST_CASE("modded-nanogpt logs say how many steps are planned", "[steps]") {
  const RunLog log = curve_log("modded-nanogpt.log");
  CHECK(log.format == "modded-nanogpt log");
  CHECK(column(log, "step") == std::vector<double>{0, 60, 120, 180, 240, 300});
  CHECK(row(log, "planned_steps") == 300);
  CHECK_FALSE(runs::is_unfinished(log.curves[0]));
  CHECK(log.ignored.at("(line without a loss)") == 301);
}

TEST_CASE("torchtitan logs, in colours or not", "[steps]") {
  const auto line = [](bool colours, int step, double loss) {
    const char* red = colours ? "\x1b[31m" : "";
    const char* green = colours ? "\x1b[32m" : "";
    return fmt::format(
        "[titan] 2025-03-01 12:00:0{},123 - root - INFO - {}step: {:2}  {}loss: {:8.5f}  grad_norm:  1.2345  "
        "memory: 40.00GiB(50.00%)  tps: 5,432  tflops: 300.10  mfu: 31.20%\n",
        step % 10, red, step, green, loss);
  };
  for (const bool colours : {false, true}) {
    std::string text = "[titan] 2025-03-01 12:00:00,000 - root - INFO - Starting job: Llama 3 8B training\n";
    for (const int step : {1, 10, 20}) text += line(colours, step, 12.0 / step);
    text +=
        "[titan] 2025-03-01 12:00:09,123 - root - INFO - validate step: 20  loss:  0.7000  memory: "
        "40.00GiB(50.00%)  tps: 5,432\n";
    const RunLog log = logged(text);
    CHECK(log.format == "torchtitan log");
    REQUIRE(log.curves.size() == 1);
    CHECK(values(log, "train_loss") == 3);
    CHECK(column(log, "step") == std::vector<double>{1, 10, 20});
    CHECK(row(log, "loss") == 0.7);
  }
}

TEST_CASE("nanoGPT logs: the row stands where the loss was evaluated", "[steps]") {
  const RunLog log = curve_log("nanogpt.log");
  CHECK(log.format == "nanoGPT log");
  CHECK(values(log, "train_loss") == 12);
  CHECK(values(log, "eval_loss") == 3);
  CHECK(row(log, "steps") == 80);
  CHECK(row(log, "loss") == 4.4107);
}

TEST_CASE("Megatron logs: tokens, and a restart", "[steps]") {
  const RunLog speed = curve_log("megatron-deepspeed.log");
  CHECK(speed.format == "Megatron log");
  CHECK(row(speed, "planned_steps") == 148693);
  CHECK(runs::is_unfinished(speed.curves[0]));
  CHECK(runs::tokens_at(speed.curves[0])[1] == 52428800);
  const RunLog log = curve_log("megatron-restart.log");
  REQUIRE(log.curves[0].mended.size() == 1);
  CHECK(log.curves[0].mended[0].reason == "repeated after a restart, the later attempt counts");
  CHECK(log.curves[0].mended[0].count == 3);
  CHECK(log.curves[0].mended[0].first.line == 17);
  CHECK(values(log, "train_loss") == 15);
  CHECK(column(log, "train_loss").back() == 4.102445);
  CHECK(row(log, "loss") == 4.291713);  // the validation set's, not the test set's
  CHECK(row(log, "steps") == 100);
  CHECK(row(log, "batch_sequences") == 64);
}

TEST_CASE("a Trainer's history with several evaluation sets", "[steps]") {
  const RunLog log = curve_log("trainer_state-multi-eval.json");
  CHECK(log.format == "trainer_state.json");
  CHECK(values(log, "train_loss") == 6);
  CHECK(values(log, "eval_books_loss") == 4);
  CHECK(runs::loss_column(log.curves[0]) == "train_loss");
  CHECK(row(log, "train_loss_mean") == 4.1);
  CHECK(row(log, "flops") == 3.5e15);
  CHECK(row(log, "planned_steps") == 240);
  CHECK(runs::is_unfinished(log.curves[0]));
  const RunLog chosen = curve_log("trainer_state-multi-eval.json", {.map = {{"loss", "eval_code_loss"}}});
  CHECK(row(chosen, "loss") == 4.2984);
  CHECK(row(chosen, "steps") == 120);
  CHECK(row(curve_log("hf-trainer_state.json"), "train_loss") > 1);
}

TEST_CASE("ranks that write one file are averaged", "[steps]") {
  const RunLog log = curve_log("llamafactory-two-ranks.jsonl");
  CHECK(values(log, "train_loss") == 20);
  REQUIRE(log.curves[0].mended.size() == 1);
  CHECK(log.curves[0].mended[0].reason == "the same step from several ranks, averaged");
  CHECK(log.curves[0].mended[0].count == 18);
  CHECK(column(log, "step").front() == 10);
  CHECK(curve_log("llamafactory-trainer_log.jsonl").curves[0].points.rows == 5);
}

TEST_CASE("W&B histories: the optimiser's steps count, not the logger's", "[steps]") {
  const RunLog log = curve_log("wandb-history.jsonl");
  CHECK(log.mapped.at("step") == "train/global_step");
  CHECK(column(log, "step").back() == 95);
  CHECK(row(log, "tokens") == 80 * 32768);
  REQUIRE(log.curves[0].mended.size() == 1);
  CHECK(log.curves[0].mended[0].count == 4);
  const std::string c4 = "eval/c4_en-validation/CrossEntropyLoss";
  const RunLog csv = curve_log("wandb-history-export.csv", {.map = {{"loss", c4}}});
  CHECK(csv.curves[0].points.rows == 12);
  CHECK(column(csv, "loss")[0] == 6.029934883117676);
  CHECK(column(csv, "tokens")[1] == 209715200);
  CHECK(row(csv, "batch_tokens") == 524288);
  CHECK(runs::loss_column(curve_log("wandb-history-export.csv").curves[0]).empty());
}

TEST_CASE("summaries of one run are rows", "[steps]") {
  const RunLog results = logged(contents(logs + "train_results.json"));
  CHECK(results.curves.empty());
  CHECK(results.table.columns.at("train_loss")[0] == 4.1);  // a mean over the run: no final loss
  CHECK_FALSE(results.table.has("loss"));
  const RunLog summary = logged(contents(logs + "wandb-summary-train-only.json"));
  CHECK(summary.curves.empty());
  CHECK_FALSE(summary.table.has("loss"));
  CHECK(summary.table.columns.at("train/loss")[0] == 4.25);
}

TEST_CASE("rows that say sizes are runs, even with steps", "[steps]") {
  CHECK(logged("{\"step\": 1, \"params\": 1e8, \"loss\": 3}\n{\"step\": 2, \"params\": 1e8, \"loss\": 2}\n")
            .table.rows == 2);
  CHECK(logged("run,_step,val_loss\na,10,3\nb,20,2\n").table.rows == 2);
  const RunLog several = logged("name,step,loss\na,1,5\na,2,4\nb,1,6\nb,2,4.5\n");
  REQUIRE(several.curves.size() == 2);
  CHECK(several.curves[1].run == "b");
  CHECK(several.table.columns.at("loss") == std::vector<double>{4, 4.5});
}

TEST_CASE("two evaluation losses ask which", "[steps]") {
  CHECK_THAT(
      refusal("step,val_loss,test_loss\n1,3,3\n2,2,2\n"),
      Catch::Contains(
          "eval_loss may be read from \"val_loss\" and \"test_loss\"; say which: --map eval_loss=val_loss"));
}

TEST_CASE("a diverged step is no silent gap", "[steps]") {
  const std::string text = "s:0 trl:9.1\ns:1 trl:nan\ns:2 trl:8.9\n";
  CHECK_THAT(refusal(text), Catch::Contains("f:2:9: train_loss is NaN"));
  const RunLog log = logged(text, {.skip_invalid = true});
  CHECK(log.dropped[0].count == 1);
  CHECK(log.curves[0].points.rows == 2);
}

TEST_CASE("bits become nats in every loss of a step log", "[steps]") {
  const RunLog log = logged("step,loss,eval_loss\n1,4,4\n2,3,2\n", {.loss_unit = "bits"});
  CHECK(log.table.columns.at("loss")[0] == Approx(2 * std::log(2.0)));
  CHECK(log.table.columns.at("train_loss")[0] == Approx(3 * std::log(2.0)));
}

TEST_CASE("histories that are none are refused", "[steps]") {
  CHECK_THAT(refusal(R"({"log_history": {"step": 1}})"),
             Catch::Contains("/log_history: expected an array of records"));
  CHECK_THAT(refusal(R"({"log_history": []})"), Catch::Contains("no run rows"));
  CHECK_THAT(refusal(R"({"log_history": [1]})"), Catch::Contains("/log_history/0: expected a record"));
  CHECK_THAT(refusal(R"({"log_history": [{"epoch": 1}]})"), Catch::Contains("a history without steps"));
}

}  // namespace
}  // namespace scaleplan::interop
