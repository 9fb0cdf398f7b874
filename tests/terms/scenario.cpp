#include "scaleplan/terms/scenario.hpp"

#include <cmath>

#include "terms/support.hpp"

using namespace scaleplan;
using namespace scaleplan::terms;

namespace {

struct ReadStack {
  Stack stack;
  std::string errors;
};

ReadStack read(const std::string& techniques) {
  static const json::Catalogue catalogue;
  const auto document = json::parse(R"({"techniques": )" + techniques + "}", "s.json");
  REQUIRE(document);
  Diagnostics diagnostics;
  json::ObjectReader reader(*document, document->root(), "", diagnostics);
  Stack stack = read_stack(reader, "techniques", catalogue, diagnostics);
  reader.finish();
  return {std::move(stack), all_text(diagnostics)};
}

}  // namespace

TEST_CASE("a scenario's techniques are read with their places") {
  CHECK(read(R"(["muon", "pagedattention"])").stack.techniques().size() == 2);
  CHECK(read("[]").stack.empty());
  const ReadStack wrong = read("[\"muonn\",\n \"zero.stage1\", \"zero.stage2\"]");
  CHECK(wrong.stack.empty());
  CHECK(wrong.errors.find("s.json:1:17: /techniques/0: no entry \"muonn\"") != std::string::npos);
  CHECK(wrong.errors.find("did you mean \"muon\"?") != std::string::npos);
  CHECK(wrong.errors.find("s.json:2:17: /techniques/2: techniques zero.stage1 and zero.stage2") !=
        std::string::npos);
  CHECK(read(R"("muon")").errors.find("/techniques: expected") != std::string::npos);
}

TEST_CASE("compute that is worth more is shared between size and tokens") {
  const auto effects = loss_effects(stack({"muon"}), 7e9, 1.4e11, 0, {});
  REQUIRE(effects);
  CHECK(effects->params_factor == Approx(1 / std::sqrt(0.52)));
  // the compute that the law sees, 6·N·D, is the trained one over 0.52
  CHECK(effects->params_factor * effects->tokens_factor == Approx(1 / 0.52));
  CHECK(effects->steps.size() == 1);
}

TEST_CASE("techniques on size, tokens and loss") {
  CHECK(loss_effects(Stack(), 7e9, 1.4e11, 0.01, {})->penalty == 0.01);
  const auto rephrased = loss_effects(stack({"wrap"}), 1e9, 1e11, 0, {{"rephrased_tokens", 85e9}});
  CHECK(rephrased->tokens_factor == Approx(3));
  CHECK(rephrased->params_factor == 1);
  const auto frozen = loss_effects(stack({"trainable-only"}), 2e9, 1e11, 0, {{"trainable_params", 1e9}});
  CHECK(frozen->params_factor == Approx(0.5));
  const auto lacking = loss_effects(stack({"trainable-only"}), 2e9, 1e11, 0, {});
  REQUIRE_FALSE(lacking);
  CHECK(all_text(lacking.errors()).find("trainable_params") != std::string::npos);
  const auto none = loss_effects(stack({"trainable-only"}), 2e9, 1e11, 0, {{"trainable_params", 0}});
  REQUIRE_FALSE(none);
  CHECK(all_text(none.errors()).find("effective_params becomes 0") != std::string::npos);
}
