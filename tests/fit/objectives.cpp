// Other objectives than the Huber loss of ln L. Expected N* at 1e24 FLOP: recomputed independently on the
// same 240 rows for each objective; the asymmetric one is that of github.com/kyo-takano/chinchilla (6e34bdd),
// absolute errors of L, ten times as heavy where the prediction lies above.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "fit/multistart.hpp"
#include "rows.hpp"
#include "scaleplan/fit/fit.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

Options point_only() {
  Options options;
  options.bootstrap = 0;
  options.at_flop = {1e24};
  return options;
}

LawFit fitted(const laws::Law& law, const runs::Table& table, const Options& options = point_only()) {
  auto fit = fit_law(law, table, options, {});
  if (!fit) {
    FAIL(to_text(fit.errors()[0]));
  }
  return *fit;
}

double size_under(laws::Residual residual, laws::Loss loss, double delta) {
  laws::Law law = rows::law("chinchilla");
  law.fit = {residual, loss, delta, 10};
  return fitted(law, rows::chinchilla()).optimum[0].size.value;
}

}  // namespace

TEST_CASE("each objective gives its tabulated allocation", "[fit][objective]") {
  using laws::Loss;
  using laws::Residual;
  CHECK(size_under(Residual::log, Loss::huber, 1e-4) == Approx(96e9).epsilon(0.01));
  CHECK(size_under(Residual::log, Loss::huber, 1e-2) == Approx(100e9).epsilon(0.01));
  CHECK(size_under(Residual::log, Loss::squares, 1e-3) == Approx(110e9).epsilon(0.01));
  CHECK(size_under(Residual::raw, Loss::squares, 1e-3) == Approx(130e9).epsilon(0.01));
  CHECK(size_under(Residual::raw, Loss::asymmetric, 1e-5) == Approx(177e9).epsilon(0.02));
}

TEST_CASE("an asymmetric fit leaves one row in eleven below it", "[fit][objective]") {
  laws::Law law = rows::law("chinchilla");
  law.fit.loss = laws::Loss::asymmetric;
  law.fit.delta = 1e-5;
  const runs::Table table = rows::chinchilla();
  const auto model = build_model(law, table, {});
  REQUIRE(model);
  const Objective objective = model->objective();
  const Search found = search(*model, start_grid(*model, {}), {});
  expr::Workspace workspace(model->program);
  std::vector<double> residuals;
  objective.residuals(workspace, found.best.theta, residuals);
  std::size_t above = 0;
  for (const double r : residuals) {
    above += r > 0 ? 1U : 0U;
  }
  // the quantile that this loss asks for: 1 / (1 + 10) of the rows lie under the law
  CHECK(static_cast<double>(above) / static_cast<double>(residuals.size()) == Approx(1.0 / 11).margin(0.025));

  Sums sums(5);
  objective.evaluate(workspace, found.best.theta, model->delta, sums);
  double sum = 0;
  for (const double r : residuals) {
    const double clipped = std::min(std::abs(r), model->delta);
    sum += (r > 0 ? 10 : 1) * clipped * (std::abs(r) - 0.5 * clipped);
  }
  CHECK(sums.value == Approx(sum).epsilon(1e-12));
}

TEST_CASE("a weight of two is a row given twice", "[fit][objective]") {
  runs::Table table = rows::chinchilla();
  std::vector<std::size_t> repeated;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const bool heavy = i % 3 == 0;
    table.columns["weight"].push_back(heavy ? 2 : 1);
    repeated.insert(repeated.end(), heavy ? 2 : 1, i);
  }
  Options options = point_only();
  const LawFit copies = fitted(rows::law("chinchilla"), runs::select(table, repeated), options);
  options.weight = "weight";
  const LawFit weighed = fitted(rows::law("chinchilla"), table, options);
  CHECK(weighed.objective == Approx(copies.objective).epsilon(1e-9));
  CHECK(weighed.optimum[0].size.value == Approx(copies.optimum[0].size.value).epsilon(1e-5));
  CHECK(weighed.objective != Approx(fitted(rows::law("chinchilla"), table).objective).epsilon(1e-3));
}

TEST_CASE("clusters of one weight: copies of a row change nothing", "[fit][objective]") {
  const runs::Table table = rows::chinchilla();
  std::vector<std::size_t> repeated;
  for (std::size_t i = 0; i < table.rows; ++i) {
    repeated.insert(repeated.end(), 1 + i % 4, i);
  }
  Options options = point_only();
  options.equal_clusters = true;
  const LawFit copies = fitted(rows::law("chinchilla"), runs::select(table, repeated), options);
  const LawFit once = fitted(rows::law("chinchilla"), table);
  CHECK(copies.objective == Approx(once.objective).epsilon(1e-9));
  CHECK(copies.optimum[0].size.value == Approx(once.optimum[0].size.value).epsilon(1e-5));
}

TEST_CASE("weights must be there and positive", "[fit][objective]") {
  runs::Table table = rows::chinchilla();
  Options options = point_only();
  options.weight = "weight";
  CHECK_FALSE(fit_law(rows::law("chinchilla"), table, options, {}));
  table.columns["weight"].assign(table.rows, 1);
  table.columns["weight"][7] = 0;
  CHECK_FALSE(fit_law(rows::law("chinchilla"), table, options, {}));
}
