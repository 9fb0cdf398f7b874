#include "scaleplan/interop/measured_case.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "interop/frameworks_support.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;

namespace {

std::string megatron_log(const std::vector<double>& milliseconds) {
  std::string text = "> building datasets ...\n";
  int step = 0;
  for (const double ms : milliseconds) {
    text += fmt::format(
        " iteration {:8}/   1000 | consumed samples: 640 | elapsed time per iteration (ms): {:.1f} | "
        "learning rate: 1.0E-04 | lm loss: 5.4E+00 |\n",
        step += 10, ms);
  }
  return text;
}

json::Value case_of(const std::string& log) {
  const Result<json::Value> found = measured_case(log, "train.log", dense_proposal(), json::Catalogue());
  if (!found) throw std::runtime_error(told(found.errors()));
  return found->find("cases")->array().front();
}

std::string refusal(const model::Proposal& run, const std::string& log) {
  const auto found = measured_case(log, "train.log", run, json::Catalogue());
  return found ? "accepted" : told(found.errors());
}

}  // namespace

TEST_CASE("a launch and the log of its run make a measured case") {
  const json::Value one = case_of(megatron_log({30000, 9000, 2000, 2100, 1900, 2050, 1950}));
  CHECK(one.find("measured")->find("step_time_s")->number() == 2.0);  // the middle of the last five
  CHECK(one.find("cluster")->find("device")->string() == "h100-sxm-80");
  CHECK(one.find("cluster")->find("count")->number() == 64);
  CHECK(one.find("layout")->find("global_batch")->number() == 512);
  CHECK(one.find("layout")->find("dp")->number() == 32);
  CHECK(one.find("model")->find("kv_heads")->number() == 8);
  CHECK_THAT(one.find("notes")->string(), Catch::Contains("median of 5 readings"));
  CHECK(case_of(megatron_log({4000, 3000})).find("measured")->find("step_time_s")->number() == 3.5);
  // 512 x 8192 tokens on 64 devices at 8,192 tokens per second and device: 8 s
  const json::Value rate = case_of("step: 10  loss:  7.1  grad_norm:  1.2  tps: 8,192  tflops: 300.10\n");
  CHECK(rate.find("measured")->find("step_time_s")->number() == 8.0);
}

TEST_CASE("what is missing for a measured case is said") {
  CHECK_THAT(refusal(dense_proposal(), "hello\n"),
             Catch::Contains("train.log: the log gives no time of a step"));
  model::Proposal run = dense_proposal();
  run.cluster.reset();
  run.shape.reset();
  CHECK_THAT(refusal(run, megatron_log({1})),
             Catch::Contains("its model") && Catch::Contains("scaleplan cluster"));
  run = dense_proposal();
  run.cluster = "dgx-h10";
  CHECK_THAT(refusal(run, megatron_log({1})), Catch::Contains("dgx-h10"));
}
