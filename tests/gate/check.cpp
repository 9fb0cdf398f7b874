#include "scaleplan/gate/check.hpp"

#include "support.hpp"

namespace scaleplan::gate::test {

namespace {

const std::string flop = R"("budgets":{"train_flop":1e25})";

// A run whose split of compute is poor: SP201 fires.
model::Proposal starved() {
  model::Proposal run = small_run();
  run.tokens = 1e9;
  return run;
}

Baseline baseline_of(const Findings& findings) {
  const std::string text = json::write(to_json(findings));
  Result<Baseline> read = read_baseline(document(text));
  if (!read) FAIL(all(read.errors()));
  return *read;
}

}  // namespace

TEST_CASE("no proposal is a finding, not a pass", "[gate]") {
  const Findings findings = checked(std::vector<Candidate>{}, setting_of(flop));
  CHECK(findings.status == Status::nothing_checked);
  REQUIRE(findings.findings.size() == 1);
  CHECK(findings.findings.front().rule == "SP602");
  CHECK(checked(std::vector<Candidate>{}, setting_of(flop, R"("rules":{"SP602":"off"})")).status ==
        Status::pass);
}

TEST_CASE("a proposal that no rule can judge is a finding, not a pass", "[gate]") {
  model::Proposal empty;
  empty.file = "empty.json";
  const Findings findings = checked(empty, setting_of(flop));
  CHECK(findings.status == Status::nothing_checked);
  REQUIRE(find(findings, "SP602") != nullptr);
  CHECK(find(findings, "SP602")->place.file == "empty.json");
  // next to a bad one the worst status wins, whatever the order
  CHECK(checked({{empty, "empty.json", {}}, {starved(), "run.json", {}}}, setting_of(flop)).status ==
        Status::fail);
  CHECK(checked({{starved(), "run.json", {}}, {empty, "empty.json", {}}}, setting_of(flop)).status ==
        Status::fail);
  CHECK(checked({{small_run(), "run.json", {}}, {empty, "empty.json", {}}}, setting_of(flop)).status ==
        Status::nothing_checked);
}

TEST_CASE("severities are the policy's, and fail_on decides", "[gate]") {
  CHECK(checked(starved(), setting_of(flop)).status == Status::fail);
  const Findings softer = checked(starved(), setting_of(flop, R"("rules":{"SP201":"warning"})"));
  CHECK(softer.status == Status::pass);
  CHECK(find(softer, "SP201")->severity == Level::warning);
  CHECK(checked(starved(), setting_of(flop, R"("fail_on":"warning","rules":{"SP201":"warning"})")).status ==
        Status::fail);
  const Findings off = checked(starved(), setting_of(flop, R"("rules":{"SP201":"off"})"));
  CHECK(find(off, "SP201") == nullptr);
  CHECK(state(off, "SP201") == State::off);
  CHECK(find(checked(starved(), setting_of(flop, R"("rules":{"SP201":{"max_regret":50}})")), "SP201") ==
        nullptr);
}

TEST_CASE("a rule without its input weighs what the policy says", "[gate]") {
  model::Proposal run = small_run();
  run.layout.reset();
  const auto unchecked = [&](const std::string& word) {
    const Findings findings = checked(run, setting_of(flop, "\"unknown\":\"" + word + "\""));
    CHECK(state(findings, "SP101") == State::not_checked);
    for (const Finding& each : findings.findings) {
      if (each.rule == "SP101") return std::pair(each.severity, findings.status);
    }
    return std::pair(Level::off, findings.status);
  };
  CHECK(unchecked("off").first == Level::off);
  CHECK(unchecked("note").first == Level::note);
  CHECK(unchecked("warning").first == Level::warning);
  CHECK(unchecked("error") == std::pair(Level::error, Status::fail));
}

TEST_CASE("suppressions hold on their files until their day, and no longer", "[gate]") {
  const auto with = [&](const std::string& file, const std::string& expires) {
    return checked(
        {{starved(), "configs/70b/run.json", {}}},
        setting_of(flop, R"("suppressions":[{"rule":"SP201","file":")" + file +
                             R"(","reason":"approved by the council","expires":")" + expires + "\"}]"));
  };
  const Findings waived = with("configs/70b/*.json", "2026-01-15");  // today: that day included
  CHECK(waived.status == Status::pass);
  REQUIRE(waived.findings.back().waiver);
  CHECK(waived.findings.back().waiver->reason == "approved by the council");
  CHECK(waived.unused_suppressions.empty());
  const Findings expired = with("configs/70b/*.json", "2026-01-14");
  CHECK(expired.status == Status::fail);
  CHECK(find(expired, "SP201")->message.find("expired on 2026-01-14") != std::string::npos);
  const Findings elsewhere = with("configs/7b/*.json", "2026-12-31");
  CHECK(elsewhere.status == Status::fail);
  CHECK(elsewhere.unused_suppressions.size() == 1);
}

TEST_CASE("against a baseline only what is new or worse counts", "[gate]") {
  Setting setting = setting_of(flop);
  const Findings before = checked(starved(), setting);
  setting.baseline = baseline_of(before);
  const Findings same = checked(starved(), setting);
  CHECK(same.status == Status::pass);
  CHECK(same.findings.empty());
  CHECK(same.unchanged == before.findings.size());
  model::Proposal worse = starved();
  *worse.tokens *= 0.95;
  CHECK(find(checked(worse, setting), "SP201") != nullptr);
  model::Proposal better = starved();
  *better.tokens *= 1.05;
  CHECK(find(checked(better, setting), "SP201") == nullptr);
  model::Proposal other = starved();
  other.batch_tokens = std::int64_t{8} * 2048 * 4096;
  CHECK(find(checked(other, setting), "SP202") != nullptr);
  // moved within the file it is the same finding
  model::Proposal moved = starved();
  moved.places["tokens"].line = 99;
  CHECK(checked(moved, setting).findings.empty());
}

TEST_CASE("a baseline or a plan of another kind is refused", "[gate]") {
  CHECK_FALSE(read_baseline(document(R"({"schema":"scaleplan/plan/1"})")));
  CHECK_FALSE(read_baseline(document(R"({"schema":"scaleplan/findings/2","findings":[]})")));
  CHECK_FALSE(read_reference(document(R"({"schema":"scaleplan/findings/1","findings":[]})")));
  CHECK_FALSE(read_reference(document(R"({"schema":"scaleplan/plan/1","outcome":{}})")));
  CHECK_FALSE(read_baseline(document("[]")));
}

TEST_CASE("the order of proposals decides nothing but the order of findings", "[gate]") {
  model::Proposal a = starved();
  model::Proposal b = small_run();
  b.file = "other.json";
  const Setting setting = setting_of(flop);
  const Findings one = checked({{a, a.file, {}}, {b, b.file, {}}}, setting);
  const Findings two = checked({{b, b.file, {}}, {a, a.file, {}}}, setting);
  CHECK(one.findings.size() == two.findings.size());
  CHECK(json::write(to_json(one)) ==
        json::write(to_json(checked({{a, a.file, {}}, {b, b.file, {}}}, setting))));
}

}  // namespace scaleplan::gate::test
