#include "plan/machines.hpp"
#include "plan/option.hpp"
#include "support.hpp"

// Runs in flight, stages, techniques, sites, schedules, launch sheets, what-if lines and reliefs.
namespace scaleplan::plan::test {

namespace {

constexpr const char* machines =
    R"("training":{"clusters":[{"id":"dgx-h100","devices":16,"usd_per_device_hour":2}])";

std::string on_machines(const std::string& more, const std::string& rest = {}) {
  return R"("budgets":{"train_time_s":"6d"},"model":{"params":{"min":"0.9B","max":"1.3B"}},)"
         R"("data":{"sequence_length":4096},)" +
         std::string(machines) + more + "}" + rest;
}

double loss_of(const std::string& members) {
  return outcome(planned(members), "loss");
}

}  // namespace

TEST_CASE("a run in flight spends its budget on the rest", "[done]") {
  const std::string rest =
      R"("model":{"params":"7B"},"training":{"done":{"tokens":"100B","device_hours":1000}})";
  const Plan plan = planned(R"("budgets":{"train_flop":"6e21"},)" + rest);
  REQUIRE(plan.decision);
  const auto n = static_cast<double>(plan.decision->params.total);
  const auto d = static_cast<double>(plan.decision->tokens);
  // 6·N·(D − 100B) = 6e21
  CHECK(6 * n * (d - 1e11) == Approx(6e21).epsilon(1e-9));
  CHECK(plan.decision->done_tokens == 100000000000);
  CHECK(plan.decision->steps ==
        (plan.decision->tokens - plan.decision->done_tokens + plan.decision->batch_tokens - 1) /
            plan.decision->batch_tokens);
  CHECK(outcome(plan, "train_flop") == Approx(6e21).epsilon(1e-9));
  // the loss is that of all tokens
  const Plan whole = planned(
      fmt::format(R"("budgets":{{"train_flop":{}}},"model":{{"params":"7B"}})", 6 * n * d * (1 + 1e-9)));
  CHECK(outcome(plan, "loss") == Approx(outcome(whole, "loss")).epsilon(1e-9));
}

TEST_CASE("a run in flight needs its size, and tokens still to come", "[done]") {
  const std::string budget = R"("budgets":{"train_flop":"6e21"},)";
  CHECK_THAT(refused(budget + R"("training":{"done":{"tokens":"100B"}})"),
             Catch::Contains("has a model already"));
  CHECK_THAT(refused(budget + R"("model":{"params":"7B"},"pins":{"tokens":"50B"},)"
                              R"("training":{"done":{"tokens":"100B"}})"),
             Catch::Contains("are trained already"));
}

TEST_CASE("a stage of long sequences costs what its attention takes", "[stages]") {
  const std::string base =
      R"("budgets":{"train_flop":{"max":"1e22","counts":"exact"}},"data":{"sequence_length":4096)";
  const Plan plan = planned(base + R"(,"stages":[{"tokens":"10B","sequence_length":32768}]})");
  REQUIRE(plan.decision);
  const model::Shape& shape = plan.decision->shape;
  const double main = model::flop_per_token(shape, 4096).training.raw();
  const double longer = model::flop_per_token(shape, 32768).training.raw();
  const auto d = static_cast<double>(plan.decision->tokens);
  // the share of attention is that of the smooth curve, so that half a percent may lie between
  CHECK(main * d + longer * 1e10 == Approx(1e22).epsilon(5e-3));
  CHECK(outcome(plan, "loss") > loss_of(base + "}"));
}

TEST_CASE("compute that is worth more is a larger budget to the law", "[techniques]") {
  // muon: the same loss at 0.52 of the FLOP (arXiv:2502.16982), so a plan of C sees C / 0.52
  const std::string budget = R"("budgets":{"train_flop":1e22})";
  const Plan with = planned(budget + R"(,"techniques":["muon"])");
  const Plan more = planned(fmt::format(R"("budgets":{{"train_flop":{}}})", 1e22 / 0.52));
  REQUIRE(with.relaxation.found);
  CHECK(with.relaxation.loss == Approx(more.relaxation.loss).epsilon(1e-8));
  CHECK(outcome(with, "train_flop") == Approx(1e22).epsilon(1e-6));
}

TEST_CASE("a deadline raises the batch and pays for it in tokens", "[deadline]") {
  // one shape and one way to cut it, so that the batch is all there is to choose
  const Scenario s = scenario(
      R"("budgets":{"train_time_s":"6h"},"pins":{"params":1.1e9,"layout.tp":1,"layout.pp":1,"layout.cp":1},)"
      R"("data":{"sequence_length":4096},"search":{"shape_tolerance":0},)"
      R"("training":{"clusters":[{"id":"dgx-h100","devices":2048}]})");
  const Plan plan = planned(s, law("chinchilla:hoffmann2022"));
  REQUIRE(plan.decision);
  Result<Options> options = options_of(s);
  REQUIRE(options);
  Result<training::Efficiency> constants = training::default_efficiency(catalogue);
  REQUIRE(constants);
  const Machines runs(s, options->list.front(), *constants);
  const auto n = static_cast<double>(plan.decision->params.total);
  double best = 1e300;
  double best_batch = 0;
  for (std::int64_t sequences = 512; sequences <= 16384; sequences += 512) {
    const auto offer = searched(runs, s, *constants, plan.decision->shape, sequences);
    if (!offer) continue;
    const double batch = static_cast<double>(sequences) * 4096;
    const double step = offer->run->step_s / offer->run->goodput.fraction;
    const double tokens = 21600 / step * batch;
    // arXiv:2503.04715 eq. 1; arXiv:2410.21676 at N = D/20: sequences of 512 at 20 % overhead, so times 5
    const double reference = 0.58 * std::pow(tokens, 0.571);
    const double critical = 5 * 512 * 22.80 * std::pow(tokens / 1e6, 0.47);
    const double seen = tokens * std::min(1.0, (1 + reference / critical) / (1 + batch / critical));
    const double loss = 1.69 + 406.4 * std::pow(n, -0.34) + 410.7 * std::pow(seen, -0.28);
    if (loss < best) {
      best = loss;
      best_batch = batch;
    }
  }
  CHECK(outcome(plan, "loss") == Approx(best).epsilon(1e-4));
  const double reference = plan.hyperparameters->reference_batch.value;
  CHECK(best_batch > 1.2 * reference);
  CHECK(static_cast<double>(plan.decision->batch_tokens) > 1.2 * reference);
  CHECK(plan.hyperparameters->token_worth < 1);
}

TEST_CASE("techniques are refused where they change nothing, clash or are unknown", "[techniques]") {
  const std::string budget = R"("budgets":{"train_flop":1e22},"techniques":)";
  CHECK_THAT(refused(budget + R"(["muonn"])"), Catch::Contains("muon"));
  CHECK_THAT(refused(budget + R"(["coat.speed"])"), Catch::Contains("no machines are given"));
  CHECK_THAT(refused(budget + R"(["megatron.bubble"])"), Catch::Contains("which no plan reads"));
  CHECK_THAT(refused(budget + R"(["decentralized-diffusion"])"), Catch::Contains("which no plan reads"));
}

TEST_CASE("a plan says what a technique did, and where it was measured otherwise", "[techniques]") {
  const Plan plan = planned(on_machines("", R"(,"techniques":["coat.speed"])"));
  auto any = [](const std::vector<std::string>& lines, const char* part) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  CHECK(any(plan.derivation, "technique coat.speed"));
  CHECK(any(plan.derivation, "step_time multiply 0.793"));
  CHECK(any(plan.warnings, "technique coat.speed: "));
  CHECK_THAT(refused(R"("budgets":{"train_flop":1e22},"techniques":["trainable-only"],)"
                     R"("technique_inputs":{"trainable_param":1e8})"),
             Catch::Contains("trainable_params"));
}

TEST_CASE("a faster step and a smaller state act on machines", "[techniques]") {
  const Plan plain = planned(on_machines(""));
  const Plan fast = planned(on_machines("", R"(,"techniques":["coat.speed"])"));
  REQUIRE(fast.decision);
  CHECK(outcome(fast, "loss") < outcome(plain, "loss"));
  // moments of 1.0625 bytes (arXiv:2309.01507) instead of 8, beside a master copy of 4
  const std::string pins =
      R"(,"pins":{"params":1.1e9,"layout.tp":1,"layout.pp":1,"layout.cp":1,"layout.zero":1})";
  const Plan usual = planned(on_machines("", pins));
  const Plan small = planned(on_machines("", pins + R"(,"techniques":["optimizer-4bit"])"));
  REQUIRE((usual.decision && small.decision));
  REQUIRE(small.decision->shape == usual.decision->shape);
  auto bytes = [](const Plan& p) { return p.decision->run->layout.memory.worst.optimizer; };
  CHECK(bytes(small) / bytes(usual) == Approx(5.0625 / 12).epsilon(1e-9));
}

TEST_CASE("sites share the devices, exchange over their link and lose by the published ratio", "[sites]") {
  const std::string two =
      R"(,"sites":{"count":2,"bandwidth_bytes_per_s":"0.1GB/s","algorithm":"diloco","local_steps":100})";
  const Plan one = planned(on_machines(""));
  const Plan apart = planned(on_machines(two));
  REQUIRE(apart.decision);
  const Run& run = *apart.decision->run;
  CHECK(run.layout.layout.devices() == 8);
  CHECK(run.sequences % 2 == 0);
  const auto params = static_cast<double>(apart.decision->params.total);
  // fp32 differences there and back, half of them own: 2·4·N·(1/2) bytes every 100 steps
  CHECK(run.site_exchange_s == Approx(2 * params * 4 * 0.5 / 1e8 / 100).epsilon(1e-9));
  CHECK(outcome(apart, "loss") > outcome(one, "loss"));
  // gradients every step, at the same batch and a slower link: two thirds of a step hides them no more
  const Plan serial = planned(
      on_machines(R"(,"sites":{"count":2,"bandwidth_bytes_per_s":"0.01GB/s","algorithm":"data-parallel"})",
                  fmt::format(R"(,"pins":{{"batch_tokens":{}}})", apart.decision->batch_tokens)));
  REQUIRE(serial.decision);
  CHECK(serial.decision->run->site_exchange_s > run.site_exchange_s);
}

TEST_CASE("the launch sheet adds up", "[launch]") {
  const Plan plan = planned(on_machines(R"(,"schedule":{"kind":"cosine","warmup_tokens":"1B"})"));
  REQUIRE(plan.launch);
  const LaunchSheet& sheet = *plan.launch;
  const auto tokens = static_cast<double>(plan.decision->tokens);
  CHECK(sheet.tokens_per_day * outcome(plan, "train_time_s") / 86400 == Approx(tokens).epsilon(1e-9));
  const training::Goodput& goodput = plan.decision->run->goodput;
  CHECK(sheet.failures == Approx(outcome(plan, "train_time_s") / goodput.job_mtbf_s).epsilon(1e-9));
  CHECK(sheet.warmup_steps == std::ceil(1e9 / static_cast<double>(plan.decision->batch_tokens)));
  REQUIRE(sheet.tripwires.size() == 5);
  double last = 1e300;
  for (const Tripwire& wire : sheet.tripwires) {
    CHECK(wire.loss < last);
    last = wire.loss;
  }
  CHECK(last == Approx(outcome(plan, "loss")).epsilon(1e-12));
}

TEST_CASE("what-if lines are plans at the moved limit", "[what-if]") {
  const Plan plan = planned(R"("budgets":{"train_flop":1e22})");
  REQUIRE(plan.what_if.size() == 2);
  for (const WhatIf& line : plan.what_if) {
    const Plan other = planned(fmt::format(R"("budgets":{{"train_flop":{:.17g}}})", 1e22 * line.factor));
    CHECK(line.objective == Approx(other.relaxation.value).epsilon(1e-9));
    CHECK(line.difference == Approx(line.objective - plan.relaxation.value).epsilon(1e-6));
    CHECK((line.factor > 1) == (line.difference < 0));
  }
}

TEST_CASE("an infeasible scenario says how far each limit alone must give way", "[relief]") {
  const std::string members = R"("budgets":{"train_flop":1e20},"targets":{"loss":2.1})";
  const Plan plan = planned(members);
  CHECK(plan.status == Status::infeasible);
  REQUIRE(plan.reliefs.size() == 2);
  for (const Relief& relief : plan.reliefs) {
    REQUIRE(relief.needed);
    auto with = [&](double limit) {
      const bool flop = relief.name == "train_flop";
      return planned(fmt::format(R"("budgets":{{"train_flop":{:.17g}}},"targets":{{"loss":{:.17g}}})",
                                 flop ? limit : 1e20, flop ? 2.1 : limit))
          .relaxation.found;
    };
    CHECK(with(*relief.needed * 1.0001));
    CHECK_FALSE(with(relief.limit + 0.999 * (*relief.needed - relief.limit)));
  }
}

TEST_CASE("a ramp of the batch takes more steps", "[launch]") {
  const Plan plain = planned(on_machines(R"(,"layouts":{"tp":1})"));
  const auto batch = static_cast<double>(plain.decision->batch_tokens);
  const Plan ramped = planned(on_machines(fmt::format(
      R"(,"layouts":{{"tp":1}},"batch_ramp":{{"start_tokens":{},"over_tokens":"1B"}})", batch / 4)));
  // ∫ dD / B(D) from B/4 to B over 1B tokens, less 1B / B
  const double expected = 1e9 * std::log(4.0) / (0.75 * batch) - 1e9 / batch;
  CHECK(static_cast<double>(ramped.decision->steps - plain.decision->steps) == Approx(expected).margin(1));
}

}  // namespace scaleplan::plan::test
