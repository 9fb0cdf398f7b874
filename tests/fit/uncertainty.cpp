// Expected numbers: the intervals of the 240-row refit by other means, recomputed independently (profiles on
// a grid of fixed values; resampling of the 42 model sizes, 2000 draws) and tabulated with three digits.
#include <catch2/catch.hpp>
#include <cmath>

#include "fit/cluster.hpp"
#include "fit/resample.hpp"
#include "rows.hpp"
#include "scaleplan/fit/fit.hpp"
#include "scaleplan/num/statistics.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

LawFit fitted(const runs::Table& table, const Options& options, int threads = 2) {
  auto fit = fit_law(rows::law("chinchilla"), table, options, {{}, {}, threads});
  if (!fit) {
    FAIL(to_text(fit.errors()[0]));
  }
  return *fit;
}

void matches(const Interval& interval, double low, double high, double relative) {
  INFO(interval.low << " – " << interval.high << " against " << low << " – " << high);
  REQUIRE(interval.known);
  CHECK(std::abs(interval.low / low - 1) <= relative);
  CHECK(std::abs(interval.high / high - 1) <= relative);
}

Options profile(double level) {
  Options options;
  options.bootstrap = 0;
  options.level = level;
  options.uncertainty = Uncertainty::profile;
  return options;
}

/// Rows of a known law with residuals of one size, 0.4 % at most, and no pattern.
runs::Table even_noise() {
  runs::Table table;
  for (int i = 0; i < 12; ++i) {
    for (int j = 0; j < 8; ++j) {
      const double size = 1e7 * std::pow(2.0, i);
      const double tokens = 1e9 * std::pow(2.5, j);
      const double loss = 1.7 + 400 / std::pow(size, 0.34) + 410 / std::pow(tokens, 0.28);
      table.columns["params"].push_back(size);
      table.columns["tokens"].push_back(tokens);
      table.columns["loss"].push_back(loss *
                                      std::exp(0.004 * std::sin(100.0 * i * i + 37.0 * j * j + i * j)));
      table.columns["row"].push_back(static_cast<double>(table.rows));
      table.outlier.push_back(false);
      table.places.push_back({"made", ++table.rows, 1, ""});
    }
  }
  return table;
}

}  // namespace

TEST_CASE("profiles reproduce the tabulated quasi-likelihood intervals", "[fit][profile]") {
  Options options = profile(0.95);
  options.at_flop = {1e20, 1e21, 1e22, 1e23, 5.76e23, 1e24, 1e25, 1e26};
  const LawFit fit = fitted(rows::chinchilla(), options);
  const double sizes[][2] = {{8.06e8, 9.05e8}, {2.50e9, 3.11e9}, {7.77e9, 10.7e9}, {24.1e9, 37.1e9},
                             {56.8e9, 95.2e9}, {74.5e9, 128e9},  {231e9, 443e9},   {0.71e12, 1.53e12}};
  for (std::size_t k = 0; k < 8; ++k) {
    matches(fit.optimum[k].size.interval, sizes[k][0], sizes[k][1], 0.02);
    const Optimum& at = fit.optimum[k];
    CHECK(at.tokens.interval.low * at.size.interval.high * 6 == Approx(at.compute));
    CHECK(at.loss.interval.low < at.loss.value);
    CHECK(at.loss.interval.high > at.loss.value);
  }
  matches(fit.parameters.at("E").interval, 1.781, 1.850, 0.002);
  matches(fit.parameters.at("A").interval, 317, 689, 0.02);
  matches(fit.parameters.at("B").interval, 1401, 3318, 0.02);
  matches(fit.parameters.at("alpha").interval, 0.323, 0.369, 0.003);
  matches(fit.parameters.at("beta").interval, 0.346, 0.389, 0.003);
  CHECK(fit.uncertainty == "profile likelihood");
  CHECK(fit.predictor.draw_count() == 0);
  const auto& warnings = fit.diagnostics.warnings;
  CHECK(std::any_of(warnings.begin(), warnings.end(),
                    [](const std::string& w) { return w.find("cover too little") != std::string::npos; }));
}

TEST_CASE("profiles do not depend on threads", "[fit][profile]") {
  const LawFit one = fitted(rows::chinchilla(), profile(0.9), 1);
  const LawFit five = fitted(rows::chinchilla(), profile(0.9), 5);
  CHECK(one.parameters.at("A").interval.low == five.parameters.at("A").interval.low);
  CHECK(one.optimum[1].size.interval.high == five.optimum[1].size.interval.high);
}

TEST_CASE("sizes within half a percent are 42 clusters, whose intervals agree with the table",
          "[fit][cluster]") {
  Options options;
  options.bootstrap = 2000;
  options.level = 0.95;
  options.cluster_by = "params";
  options.cluster_tolerance = 0.005;
  options.at_flop = {1e20, 1e24};
  const LawFit fit = fitted(rows::chinchilla(), options);
  CHECK(fit.clusters == 42);
  CHECK(fit.resampling == "clusters of params within 0.5 %");
  matches(fit.parameters.at("alpha").interval, 0.311, 0.378, 0.012);
  matches(fit.parameters.at("beta").interval, 0.332, 0.408, 0.02);
  matches(fit.optimum[0].size.interval, 7.82e8, 9.34e8, 0.02);
  matches(fit.optimum[1].size.interval, 65.2e9, 157e9, 0.07);
}

TEST_CASE("with even noise the wild bootstrap, the pairs bootstrap and the profile agree", "[fit][wild]") {
  const runs::Table table = even_noise();
  Options options;
  options.bootstrap = 600;
  const LawFit pairs = fitted(table, options);
  options.resampling = Resampling::wild;
  const LawFit wild = fitted(table, options);
  const LawFit quick = fitted(table, profile(0.9));
  CHECK(wild.uncertainty == "wild bootstrap");
  CHECK(wild.draws_failed == 0);
  for (const std::string name : {"alpha", "beta", "E"}) {
    const auto width = [&](const LawFit& fit) {
      const Interval& i = fit.parameters.at(name).interval;
      return i.high - i.low;
    };
    INFO(name << " pairs " << width(pairs) << " wild " << width(wild) << " profile " << width(quick));
    CHECK(width(wild) == Approx(width(pairs)).epsilon(0.3));
    CHECK(width(wild) == Approx(width(quick)).epsilon(0.35));
  }
}

TEST_CASE("a wild draw keeps clusters together and the design as it is", "[fit][wild]") {
  runs::Table table = even_noise();
  for (std::size_t i = 0; i < table.rows; ++i) {
    table.labels["lab"].push_back(i % 5 == 0 ? "a" : i % 5 == 1 ? "b" : "c");
  }
  Options options;
  options.bootstrap = 60;
  options.resampling = Resampling::wild;
  options.cluster_by = "lab";
  const LawFit fit = fitted(table, options);
  CHECK(fit.clusters == 3);
  // six factors for each of three clusters: few distinct draws, and each one some 60 times in 216
  CHECK(fit.predictor.draw_count() == 60);
  CHECK(fit.parameters.at("alpha").interval.known);
}

TEST_CASE("repeated run ids are clusters, and identical rows stay together", "[fit][cluster]") {
  runs::Table table = even_noise();
  std::vector<std::size_t> twice;
  for (std::size_t i = 0; i < 2 * table.rows; ++i) {
    twice.push_back(i / 2);
  }
  Options options;
  options.bootstrap = 400;
  const LawFit once = fitted(table, options);
  const LawFit copied = fitted(runs::select(table, twice), options);
  CHECK(copied.design.identical == table.rows);
  CHECK(copied.clusters == table.rows);
  CHECK(copied.resampling == "rows, identical ones together");
  const auto width = [](const LawFit& fit) {
    return fit.parameters.at("alpha").interval.high - fit.parameters.at("alpha").interval.low;
  };
  CHECK(width(copied) == Approx(width(once)).epsilon(1e-6));
  options.resampling = Resampling::pairs;  // told to take rows alone: the copies feign knowledge
  CHECK(width(fitted(runs::select(table, twice), options)) < 0.85 * width(once));
  for (std::size_t i = 0; i < table.rows; ++i) {
    table.labels["run"].push_back(std::to_string(i / 8));
  }
  options.resampling = Resampling::automatic;
  CHECK(fitted(table, options).clusters == 12);
}

TEST_CASE("clusters that cannot be made are errors", "[fit][cluster]") {
  runs::Table table = even_noise();
  table.labels["lab"].assign(table.rows, "x");
  Options options;
  options.bootstrap = 0;
  const auto fails = [&](const std::string& text) {
    const auto fit = fit_law(rows::law("chinchilla"), table, options, {});
    REQUIRE_FALSE(fit);
    INFO(to_text(fit.errors().at(0)));
    CHECK(to_text(fit.errors().at(0)).find(text) != std::string::npos);
  };
  options.resampling = Resampling::clusters;
  fails("nothing to cluster by");
  options.cluster_by = "lab";
  options.cluster_tolerance = 0.01;
  fails("no tolerance");
  options.cluster_by = "sizes";
  fails("no \"sizes\"");
}
