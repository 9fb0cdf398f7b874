// Which runs to do next. Numbers called independent: the same procedure by a separate implementation (own
// optimiser, natural logarithms, 4000 draws) on the 56 tuned runs of Porian et al. up to 2e17 FLOP,
// target 6.4e18, 1.68e18 to spend.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "fit/cloud.hpp"
#include "rows.hpp"
#include "scaleplan/fit/blend.hpp"
#include "scaleplan/fit/document.hpp"
#include "scaleplan/fit/experiment.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/num/cholesky.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

constexpr double cut = 2e17;
constexpr double target = 6.4e18;
constexpr double budget = 1.68e18;

runs::Table tuned() {
  return rows::read(std::string(TEST_DATA) + "/isoflop-porian-tuned.jsonl");
}

const Predictor& below_cut() {
  static const Predictor predictor = [] {
    std::vector<laws::Law> all;
    for (const char* id : {"chinchilla", "blend-outer", "blend-ratio"}) {
      all.push_back(rows::law(id));
    }
    Options options;
    options.bootstrap = 0;
    auto fit = fit_blend(all.front(), all, rows::below(tuned(), cut * 1.001), options, {{}, {}, 2});
    REQUIRE(fit);
    // as a user has it: through its document
    auto document = json::parse(json::write(to_json({{std::move(*fit)}, options})), "fit.json");
    REQUIRE(document);
    auto read = read_fit(*document);
    REQUIRE(read);
    return read->front();
  }();
  return predictor;
}

std::vector<RunPoint> above_cut() {
  const runs::Table table = tuned();
  std::vector<RunPoint> out;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const double compute = table.columns.at("flops")[i];
    if (compute > cut * 1.001 && compute <= cut * 9) {
      out.push_back(
          {table.labels.at("run")[i], table.columns.at("params")[i], table.columns.at("tokens")[i], compute});
    }
  }
  return out;
}

Experiment experiment(const std::vector<RunPoint>& candidates, ExperimentOptions options) {
  auto built = Experiment::build(below_cut(), candidates, options);
  if (!built) {
    FAIL(to_text(built.errors().front()));
  }
  return *built;
}

std::vector<std::string> names(const ExperimentDesign& design, const std::vector<RunPoint>& candidates) {
  std::vector<std::string> out;
  for (const Pick& pick : design.picks) {
    out.push_back(candidates[pick.run].name.substr(candidates[pick.run].name.find("-C4e") + 1));
  }
  return out;
}

std::size_t index_of(const std::vector<RunPoint>& candidates, const std::string& ending) {
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].name.ends_with(ending)) {
      return i;
    }
  }
  FAIL("no run " << ending);
  return 0;
}

}  // namespace

TEST_CASE("gains agree with an independent computation", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  REQUIRE(candidates.size() == 35);
  const Experiment found = experiment(candidates, {target, budget});
  CHECK(found.noise() == Approx(0.01628826).epsilon(0.01));
  struct Expected {
    const char* run;
    double offset, excess, ln_gain, flops;
  };
  const Expected expected[] = {{"C4e+17-N1.49e+08", 0.8566527, 0.01448204, 0.2091166, 4e17},
                               {"C4e+17-N2.867e+07", -0.7916762, 0.01469492, 0.1716645, 4e17},
                               {"C8e+17-N8.479e+07", -0.04722954, 0.0001002812, 0.2869968, 8e17},
                               {"C8e+17-N4.553e+08", 1.633607, 0.04480761, 0.2328179, 8e17},
                               {"C8e+17-N6.12e+08", 1.929291, 0.06632444, 0.195541, 8e17},
                               {"C1.6e+18-N5.738e+07", -0.7774042, 0.007856589, 0.3256141, 1.6e18}};
  const std::vector<double> gains = found.gains(Criterion::size);
  for (const Expected& e : expected) {
    INFO(e.run);
    const std::size_t i = index_of(candidates, e.run);
    CHECK(found.offsets()[i] == Approx(e.offset).margin(0.05));  // there from the mean of six laws
    CHECK(found.excesses()[i] == Approx(e.excess).margin(3e-4));
    CHECK(gains[i] * e.flops == Approx(e.ln_gain).epsilon(0.02));
  }
}

TEST_CASE("a design for the size buys the runs that an independent computation buys", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  const ExperimentDesign design = experiment(candidates, {target, budget}).choose(Criterion::size);
  CHECK(names(design, candidates) == std::vector<std::string>{"C4e+17-N1.49e+08", "C4e+17-N1.085e+08",
                                                              "C4e+17-N2.867e+07", "C4e+17-N2.209e+08"});
  CHECK(design.spent == Approx(1.6e18));
  // both sides of the optimum, none on it
  double low = 0;
  double high = 0;
  const Experiment found = experiment(candidates, {target, budget});
  for (const Pick& pick : design.picks) {
    low = std::min(low, found.offsets()[pick.run]);
    high = std::max(high, found.offsets()[pick.run]);
  }
  CHECK(low < -0.5);
  CHECK(high > 0.5);
}

TEST_CASE("gains of a design for the size add up to the growth of the information", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  const Experiment found = experiment(candidates, {target, budget});
  const ExperimentDesign design = found.choose(Criterion::size);
  double sum = 0;
  for (const Pick& pick : design.picks) {
    sum += pick.gain;
  }
  // brute force: ln det of the information with the runs, less without
  const Member& member = below_cut().members.front();
  const LawGradient law(member);
  const laws::Allocator allocator(member.law, {});
  KeptRows kept = kept_rows(below_cut(), member, allocator);
  const auto ln_det = [&](const KeptRows& these) {
    return -num::Cholesky(row_covariance(law, these, found.noise()), law.free()).log_determinant();
  };
  const double before = ln_det(kept);
  for (const Pick& pick : design.picks) {
    kept.size.push_back(candidates[pick.run].size);
    kept.tokens.push_back(candidates[pick.run].tokens);
    kept.weight.push_back(std::exp(-10 * found.excesses()[pick.run]));  // (σ/s)², s = σ·exp(excess/0.2)
  }
  CHECK(sum == Approx(ln_det(kept) - before).epsilon(1e-6));
}

TEST_CASE("a design for the loss leaves less doubt of the loss", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  const Experiment found = experiment(candidates, {target, budget});
  const ExperimentDesign for_loss = found.choose(Criterion::loss);
  const ExperimentDesign for_size = found.choose(Criterion::size);
  REQUIRE_FALSE(for_loss.picks.empty());
  CHECK(for_loss.picks.back().after.ln_loss < for_size.picks.back().after.ln_loss);
  // independent: 0.0308 with a sixth law that this blend has not
  CHECK(found.before().ln_loss == Approx(0.0308443).epsilon(0.3));
  // what a run is said to take away is what is then gone
  double variance = found.before().ln_loss * found.before().ln_loss;
  for (const Pick& pick : for_loss.picks) {
    variance -= pick.gain;
    CHECK(pick.after.ln_loss * pick.after.ln_loss == Approx(variance).epsilon(1e-6));
  }
}

TEST_CASE("a single run for the loss is the one that takes most away, whatever it costs", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  const Experiment found = experiment(candidates, {target, budget, 1});
  std::vector<double> gains = found.gains(Criterion::loss);  // per FLOP
  for (std::size_t i = 0; i < gains.size(); ++i) {
    gains[i] *= candidates[i].compute;
  }
  const auto most = std::max_element(gains.begin(), gains.end());
  const ExperimentDesign design = found.choose(Criterion::loss);
  REQUIRE(design.picks.size() == 1);
  CHECK(static_cast<std::ptrdiff_t>(design.picks.front().run) == most - gains.begin());
  CHECK(design.picks.front().gain == Approx(*most));
  // near the optimum of the largest compute on offer, where the loss of the plan is nearest
  CHECK(candidates[design.picks.front().run].compute == Approx(1.6e18));
  CHECK(std::abs(found.offsets()[design.picks.front().run]) < 0.5);
}

TEST_CASE("designs keep budget and number, and never leave more doubt", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  for (const Criterion criterion : {Criterion::size, Criterion::loss}) {
    for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      for (const double flop : {3e17, 4e17, 1e18, 3.5e18}) {
        const Experiment found = experiment(candidates, {target, flop, most});
        const ExperimentDesign design = found.choose(criterion);
        CHECK(design.picks.empty() == (flop < 4e17));
        CHECK(design.spent <= flop * (1 + 1e-9));
        CHECK((most == 0 || design.picks.size() <= most));
        std::set<std::size_t> once;
        Doubt doubt = found.before();
        for (const Pick& pick : design.picks) {
          CHECK(once.insert(pick.run).second);
          CHECK(pick.after.ln_size <= doubt.ln_size * (1 + 1e-9));
          CHECK(pick.after.ln_loss <= doubt.ln_loss * (1 + 1e-9));
          doubt = pick.after;
        }
      }
    }
  }
  // few runs and much to spend: larger runs than the cheapest
  const Experiment two = experiment(candidates, {target, 3.5e18, 2});
  for (const Pick& pick : two.choose(Criterion::size).picks) {
    CHECK(candidates[pick.run].compute > 4e17);
  }
}

TEST_CASE("a design does not depend on the order of the candidates", "[fit][design]") {
  std::vector<RunPoint> candidates = above_cut();
  const auto bought = [&](Criterion criterion) {
    std::vector<std::string> out;
    for (const Pick& pick : experiment(candidates, {target, budget}).choose(criterion).picks) {
      out.push_back(candidates[pick.run].name);
    }
    return out;
  };
  const auto size = bought(Criterion::size);
  const auto loss = bought(Criterion::loss);
  std::reverse(candidates.begin(), candidates.end());
  CHECK(bought(Criterion::size) == size);
  CHECK(bought(Criterion::loss) == loss);
}

TEST_CASE("a pair of runs tells the optimum of a parabola as theory says", "[fit][design]") {
  // near its optimum a law is a parabola of curvature q in ln N: runs at ±δ leave se(m) = σ / (2√2·q·δ) of
  // it. Their gradients times that error move ln N* by as much: j±·V·j∓ with the pair's own information only.
  const Member& member = below_cut().members.front();
  const laws::Allocator allocator(member.law, {});
  const double compute = 4e17;
  const laws::Allocation best = allocator.solve(member.values, compute);
  const double delta = 0.3;
  const auto ln_loss = [&](double x) {
    const double size = best.size * std::exp(x);
    return std::log(allocator.loss(member.values, size, allocator.tokens_for(size, compute)));
  };
  const double q = (ln_loss(delta) + ln_loss(-delta) - 2 * ln_loss(0)) / (2 * delta * delta);
  // a step in the parameters that moves the difference of the pair by one moves the optimum by 1 / (4·q·δ)
  const LawGradient law(member);
  const auto gradient_at = [&](double x) {
    const double size = best.size * std::exp(x);
    return law.at(size, allocator.tokens_for(size, compute));
  };
  const std::vector<double> up = gradient_at(delta);
  const std::vector<double> down = gradient_at(-delta);
  for (std::size_t p = 0; p < law.free(); ++p) {
    const double small = 1e-4;
    std::vector<double> step(law.free(), 0.0);
    step[p] = small;
    const double moved = std::log(allocator.solve(law.moved(step), compute).size / best.size) / small;
    CHECK(moved == Approx(-(up[p] - down[p]) / (4 * q * delta)).epsilon(0.05).margin(0.02));
  }
}

TEST_CASE("laws that cannot say which runs to do are refused", "[fit][design]") {
  const std::vector<RunPoint> candidates = above_cut();
  laws::Law law = rows::law("chinchilla");
  Predictor bare = from_set(law, *law.find_set("besiroglu2024"));
  bare.members.front().draws.clear();
  auto refused = Experiment::build(bare, candidates, {target, budget, 0, 0.003});
  REQUIRE_FALSE(refused);
  CHECK(refused.errors().front().message.find("neither runs nor draws") != std::string::npos);
  const Predictor drawn = from_set(law, *law.find_set("epoch240"));
  CHECK_FALSE(Experiment::build(drawn, candidates, {target, budget}));
  const auto built = Experiment::build(drawn, candidates, {target, budget, 0, 0.005});
  REQUIRE(built);
  CHECK_FALSE(built->choose(Criterion::size).picks.empty());
}
