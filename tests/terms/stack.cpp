#include <algorithm>

#include "scaleplan/terms/term.hpp"
#include "terms/support.hpp"

using namespace scaleplan;
using namespace scaleplan::terms;

namespace {

Technique made(const std::string& id, const std::string& source, const std::string& effects,
               const std::string& more = "") {
  const auto document = json::parse(
      R"({"schema": "scaleplan/technique/1", "title": "T", "kind": "technique", "use": "plan", "evidence": "read",
 "verified": true, "id": ")" +
          id + R"(", "source": ")" + source + R"(", "effects": )" + effects + more + "}",
      id + ".json");
  REQUIRE(document);
  const auto technique = read_technique(*document);
  INFO((technique ? "" : all_text(technique.errors())));
  REQUIRE(technique);
  return *technique;
}

std::string effect(const std::string& term, const std::string& op, const std::string& value) {
  return R"([{"term": ")" + term + R"(", "op": ")" + op + R"(", "value": )" + value + "}]";
}

double value(const std::vector<Technique>& techniques, std::string_view term, double base) {
  std::vector<Chosen> chosen;
  for (const Technique& technique : techniques) chosen.push_back({technique, {}});
  const auto stack = Stack::combine(chosen);
  INFO((stack ? "" : all_text(stack.errors())));
  REQUIRE(stack);
  const auto result = stack->apply(term, base, {});
  REQUIRE(result);
  return result->value;
}

std::string refusal(const std::vector<Technique>& techniques) {
  std::vector<Chosen> chosen;
  for (const Technique& technique : techniques) chosen.push_back({technique, {}});
  const auto stack = Stack::combine(chosen);
  return stack ? "accepted" : all_text(stack.errors());
}

}  // namespace

TEST_CASE("Muon halves the compute and pays for it in time and traffic") {
  // arXiv:2502.16982
  const Stack muon = stack({"muon", "muon.optimizer"});
  CHECK(muon.apply("train_flop", 1e24, {})->value == Approx(5.2e23));
  CHECK(muon.apply("step_time", 10, {})->value == Approx(10.3));
  CHECK(muon.apply("dp_bytes_per_step", 1, {})->value == Approx(1.25));
  CHECK(muon.apply("optimizer_bytes_per_parameter", 8, {{"matrix_fraction", 1}})->value == 4);
  CHECK(muon.apply("weight_bytes_per_parameter", 2, {})->value == 2);
  const auto lacking = muon.apply("optimizer_bytes_per_parameter", 8, {});
  REQUIRE_FALSE(lacking);
  CHECK(all_text(lacking.errors()).find("needs matrix_fraction") != std::string::npos);
  const std::vector<std::string> terms = {"dp_bytes_per_step", "optimizer_bytes_per_parameter", "step_time",
                                          "train_flop"};
  CHECK(muon.terms() == terms);
}

TEST_CASE("each stacking rule") {
  const auto one = [](const char* id, const char* term, const char* op, const char* value) {
    return made(id, std::string("arXiv:") + id, effect(term, op, value));
  };
  CHECK(value({one("a", "kv_bytes", "multiply", "0.5"), one("b", "kv_bytes", "multiply", "0.25")}, "kv_bytes",
              8) == 1);
  // a size that is set comes before factors, whatever their names
  CHECK(
      value({one("a", "decode_weight_bytes", "multiply", "0.5"), one("b", "decode_weight_bytes", "set", "1")},
            "decode_weight_bytes", 2) == 0.5);
  CHECK(refusal({one("a", "decode_weight_bytes", "set", "1"), one("b", "decode_weight_bytes", "set", "2")})
            .find("techniques a and b cannot be combined: both set decode_weight_bytes") !=
        std::string::npos);
  CHECK(value({one("a", "host_bytes_per_parameter", "set", "14"),
               one("b", "host_bytes_per_parameter", "add", "2")},
              "host_bytes_per_parameter", 0) == 16);
  CHECK(value({one("a", "max_batch", "set", "100"), one("b", "max_batch", "set", "40")}, "max_batch", 10) ==
        100);
  CHECK(
      value({one("a", "deployment_param_limit", "set", "4"), one("b", "deployment_param_limit", "set", "7")},
            "deployment_param_limit", 100) == 4);
  CHECK(refusal({one("a", "ttft", "multiply", "0.5"), one("b", "ttft", "multiply", "0.5")})
            .find("takes one technique") != std::string::npos);
}

TEST_CASE("a term that one technique replaces allows no cost of another") {
  const std::string cost = R"(, "costs": [{"term": "precision_loss_penalty", "op": "add", "value": 0.029}])";
  const Technique set = made("a", "arXiv:a", effect("precision_loss_penalty", "set", "0"));
  const Technique pays = made("b", "arXiv:b", effect("decode_weight_bytes", "set", "0.5"), cost);
  const Technique also = made("c", "arXiv:c", effect("kv_bytes", "multiply", "0.5"), cost);
  CHECK(refusal({set, pays}).find("replaces whole") != std::string::npos);
  CHECK(value({pays, also}, "precision_loss_penalty", 0) == Approx(0.058));
  // a cost whose size nobody stated stands in nobody's way
  const Technique vague =
      made("d", "arXiv:d", effect("kv_bytes", "multiply", "0.5"),
           R"(, "costs": [{"term": "precision_loss_penalty", "op": "add", "note": "up"}])");
  CHECK(value({set, vague}, "precision_loss_penalty", 1) == 0);
}

TEST_CASE("a whole and its part are not two gains when one source reports both") {
  const Technique whole = made("a", "arXiv:1 abstract", effect("step_time", "multiply", "0.8"));
  const Technique part = made("b", "arXiv:1 table 2", effect("pp_bubble", "multiply", "0.5"));
  const Technique other = made("c", "arXiv:2", effect("pp_bubble", "multiply", "0.5"));
  CHECK(refusal({whole, part}).find("step_time already contains") != std::string::npos);
  CHECK(refusal({part, whole}).find("step_time already contains") != std::string::npos);
  CHECK(refusal({whole, other}) == "accepted");
}

TEST_CASE("known conflicts name both techniques and the place of the second") {
  const std::string muon = conflict({"muon", "optimizer-4bit"});
  CHECK(muon.find("s.json:2:1: /techniques/1: techniques muon and optimizer-4bit cannot be combined: they "
                  "exclude each other; leave one of them out") == 0);
  CHECK(conflict({"polca", "polca.peak-inference"}).find("cannot be combined") != std::string::npos);
  CHECK(conflict({"zero.stage1", "zero.stage3"}).find("family state-sharding") != std::string::npos);
  CHECK(conflict({"pagedattention", "pagedattention.throughput"}).find("cannot") != std::string::npos);
  CHECK(conflict({"coat.memory", "coat.optimizer"}).find("cannot") != std::string::npos);
  CHECK(conflict({"gstack", "gstack"}).find("chosen twice") != std::string::npos);
  CHECK(conflict({"trainable-only", "monarch"}).find("family structured-layers") != std::string::npos);
  // two data-quality gains are two views of one
  CHECK(conflict({"wrap", "density-pruning"}).find("family data-quality") != std::string::npos);
  // one paper, two terms: both may act
  CHECK(conflict({"coat.optimizer", "coat.activation"}) == "accepted");
  CHECK(conflict({"muon", "gstack", "pagedattention", "c4.errors"}) == "accepted");
}

TEST_CASE("bounds and results are shown and never planned on") {
  CHECK(conflict({"apollo.throughput"}).find("is a bound (\"up to\")") != std::string::npos);
  CHECK(conflict({"megatron.case"}).find("enters no plan") != std::string::npos);
  for (const std::string& id : json::Catalogue().ids("techniques")) {
    const Technique each = technique(id);
    INFO(id);
    CHECK((conflict({id}) == "accepted") == (each.use == Use::plan));
  }
}

TEST_CASE("the order of choice changes nothing") {
  std::vector<std::string> ids = {"muon",        "gstack",    "muon.optimizer",
                                  "zero.stage1", "c4.errors", "datastates"};
  std::ranges::sort(ids);
  const double first = stack(ids).apply("train_flop", 1e24, {})->value;
  while (std::ranges::next_permutation(ids).found) {
    const auto result = stack(ids).apply("train_flop", 1e24, {});
    REQUIRE(result->value == first);
    REQUIRE(result->steps.front().technique == "gstack");
  }
}

TEST_CASE("an effect on a part is applied where that part is asked for") {
  const Stack coat = stack({"coat.activation"});
  CHECK(coat.apply("activation_bytes", 100, {})->value == 100);
  CHECK(coat.apply("activation_bytes", 100, {}, "stored inputs of linear and nonlinear layers")->value == 50);
}
