// Expected numbers: the same procedure computed by a separate implementation (BFGS of SciPy, NumPy) from the
// 222 Chinchilla rows below 1e21 FLOP, outliers included.
#include "scaleplan/fit/blend.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "fit/blend/engine.hpp"
#include "rows.hpp"
#include "scaleplan/fit/document.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

std::vector<laws::Law> members() {
  std::vector<laws::Law> all;
  for (const char* id :
       {"chinchilla", "blend-outer", "blend-ratio", "blend-repeated-outer", "blend-repeated-excess"}) {
    all.push_back(rows::law(id));
  }
  return all;
}

Options with_outliers() {
  Options options;
  options.include_outliers = true;
  options.bootstrap = 0;
  return options;
}

Query query(const runs::Table& table, std::size_t row) {
  Query out;
  out.inputs = {{"N", table.columns.at("params")[row]}, {"D", table.columns.at("tokens")[row]}};
  out.compute = table.columns.at("flops")[row];
  out.observed = table.columns.at("loss")[row];
  return out;
}

}  // namespace

TEST_CASE("the blend reproduces an independent computation", "[fit][blend]") {
  const auto blend =
      run_blend(members(), rows::below(rows::chinchilla(), 9.999e20), with_outliers(), {{}, {}, 2});
  REQUIRE(blend);
  struct Expected {
    const char* law;
    double decades, objective, rolling_error, weight, f, s;
  };
  const double all = std::numeric_limits<double>::infinity();
  const Expected expected[] = {
      {"chinchilla", all, 0.0007612664, 0.005289297, 0.0765855, 0.7, 0.005432144},
      {"blend-outer", all, 0.0007519387, 0.005494267, 0.0592546, 0.7, 0.005442919},
      {"blend-outer", 1, 0.0002333407, 0.004848323, 0.1369974, 0.3, 0.01145266},
      {"blend-outer", 0.75, 0.000182057057, 0.004785718, 0.1493155, 0.3, 0.01159644},
      {"blend-outer", 0.5, 7.136824e-05, 0.004684012, 0.1720772, 0.1, 0.02947566},
      {"blend-ratio", all, 0.0007505476, 0.005500859, 0.0587756, 0.7, 0.005458307},
      {"blend-ratio", 1, 0.0002404319, 0.004989115, 0.1132562, 0.3, 0.0115755},
      {"blend-ratio", 0.75, 0.000187005811, 0.004891321, 0.1291997, 0.3, 0.0118767},
      {"blend-ratio", 0.5, 7.269837e-05, 0.005049381, 0.1045383, 0.1, 0.03053872},
  };
  REQUIRE(blend->slots.size() == std::size(expected));
  CHECK(blend->whole.rows.size() == 222);
  for (std::size_t m = 0; m < std::size(expected); ++m) {
    INFO(expected[m].law << " " << expected[m].decades);
    CHECK(blend->participants[blend->slots[m].participant].law->id == expected[m].law);
    CHECK(blend->slots[m].decades == expected[m].decades);
    CHECK(blend->whole.members[m].objective == Approx(expected[m].objective).epsilon(2e-7));
    CHECK(blend->rolling_error[m] == Approx(expected[m].rolling_error).epsilon(1e-5));
    CHECK(blend->weights[m] == Approx(expected[m].weight).margin(1e-4));
    CHECK(blend->whole.surfaces[m].noise_ratio() == expected[m].f);
    CHECK(blend->whole.surfaces[m].scale() == Approx(expected[m].s).epsilon(1e-4));
  }
  CHECK(blend->noise == Approx(0.003411798).epsilon(1e-5));
  CHECK(blend->quantile == Approx(1.790946).epsilon(1e-5));
  CHECK(blend->held_out == 145);
}

TEST_CASE("blend predictions and intervals reproduce it too, and beat the plain law", "[fit][blend]") {
  const runs::Table all = rows::chinchilla();
  const auto fit =
      fit_blend(rows::law("chinchilla"), members(), rows::below(all, 9.999e20), with_outliers(), {{}, {}, 2});
  REQUIRE(fit);
  std::vector<Query> above;
  for (std::size_t row = 0; row < all.rows; ++row) {
    if (all.columns.at("flops")[row] >= 9.999e20) {
      above.push_back(query(all, row));
      if (all.labels.at("run")[row] == "svg124") {
        const auto one = predict(fit->predictor, {above.back()}, 0.9, {});
        REQUIRE(one);
        CHECK(one->at(0).value == Approx(2.35996227).epsilon(1e-6));
        CHECK(one->at(0).interval.low == Approx(2.33193835).epsilon(1e-6));
        CHECK(one->at(0).interval.high == Approx(2.38832297).epsilon(1e-6));
      }
    }
  }
  CHECK(above.size() == 23);
  const auto predictions = predict(fit->predictor, above, 0.9, {});
  REQUIRE(predictions);
  std::size_t covered = 0;
  for (const Prediction& p : *predictions) {
    covered += p.interval.low <= p.query.observed && p.query.observed <= p.interval.high ? 1U : 0U;
  }
  CHECK(covered >= 20);
  for (const RollingCut& cut : fit->blend->cuts) {
    CHECK(cut.blend_error < 0.6 * cut.plain_error);
  }
}

TEST_CASE("a blend honours the rows' weights", "[fit][blend]") {
  const runs::Table good = rows::below(rows::chinchilla(), 9.999e20);
  runs::Table mixed = good;
  std::vector<double>& weight = mixed.columns["weight"];
  weight.assign(mixed.rows, 1.0);
  for (std::size_t row = 0; row < mixed.rows; row += 3) {
    weight[row] = 1e-6;
    mixed.columns["loss"][row] *= 0.9;
  }
  const auto at = [](const runs::Table& table, const Options& options) {
    const auto fit = fit_blend(rows::law("chinchilla"), members(), table, options, {{}, {}, 2});
    REQUIRE(fit);
    Query query;
    query.inputs = {{"N", 9.3e9}, {"D", 1.8e10}};
    const auto predicted = predict(fit->predictor, {query}, 0.9, {});
    REQUIRE(predicted);
    return predicted->at(0).value;
  };
  Options weighted = with_outliers();
  weighted.weight = "weight";
  const double want = at(good, with_outliers());
  CHECK(at(mixed, weighted) == Approx(want).epsilon(0.004));
  CHECK(at(mixed, with_outliers()) < 0.98 * want);
}

TEST_CASE("arm weights fade starved rows and spare the frontier", "[fit][blend]") {
  BlendData data;
  data.compute = {1e18, 1.01e18, 1e19, 1e19, 1e20};
  data.ln_loss = {1.0, 1.2, 0.9, 0.9, 0.95};
  const auto weights = arm_weights(data, {0, 1, 2, 3, 4});
  // The second row is of the first's budget (within 2 %); the last lies above a cheaper run.
  CHECK(weights[0] == 1);
  CHECK(weights[1] == Approx(std::exp(-2.0)));
  CHECK(weights[2] == 1);
  CHECK(weights[4] == Approx(std::exp(-0.5)));
}

TEST_CASE("a surface interpolates when it is trusted and dies out far away", "[fit][blend]") {
  auto points = std::make_shared<std::vector<Feature>>();
  std::vector<double> residuals;
  for (int i = 0; i < 30; ++i) {
    points->push_back({0.2 * i, 0, 0});
    residuals.push_back(0.01 * std::sin(0.3 * i));
  }
  const Surface surface(points, surface_kernels(*points, std::vector<double>(30, 1.0)), residuals);
  CHECK(surface.noise_ratio() == 0.1);
  CHECK(surface.at({0.2 * 12, 0, 0}).correction == Approx(residuals[12]).margin(1e-3));
  CHECK(std::abs(surface.at({40, 0, 0}).correction) < 1e-6);
  CHECK(surface.at({40, 0, 0}).sd == Approx(surface.scale()));
}

TEST_CASE("a blend document reads back as the same predictor, surfaces and draws included",
          "[fit][blend][document]") {
  const runs::Table all = rows::chinchilla();
  Options options;
  options.bootstrap = 50;
  options.at_flop = {1e22, 1e24};
  Fit fit;
  fit.options = options;
  for (const int threads : {1, 2}) {
    auto one = fit_blend(rows::law("chinchilla"), members(), all, options, {{}, {}, threads});
    REQUIRE(one);
    fit.fits.push_back(std::move(*one));
  }
  const auto text = [&](std::size_t k) {
    Fit alone;
    alone.options = options;
    alone.fits.push_back(fit.fits[k]);
    return json::write(to_json(alone));
  };
  CHECK(text(0) == text(1));
  const auto document = json::parse(text(0), "fit.json");
  REQUIRE(document);
  const auto predictors = read_fit(*document);
  if (!predictors) {
    FAIL(to_text(predictors.errors()[0]));
  }
  const std::vector<Query> points = {query(all, 17), query(all, 140), query(all, 240)};
  const auto before = predict(fit.fits[0].predictor, points, 0.8, {});
  const auto after = predict(predictors->at(0), points, 0.8, {});
  REQUIRE(before);
  REQUIRE(after);
  for (std::size_t k = 0; k < points.size(); ++k) {
    CHECK(after->at(k).value == Approx(before->at(k).value).epsilon(1e-7));
    CHECK(after->at(k).interval.low == Approx(before->at(k).interval.low).epsilon(1e-6));
    CHECK(after->at(k).interval.high == Approx(before->at(k).interval.high).epsilon(1e-6));
  }
  CHECK(predictors->at(0).draw_count() == 200);
  CHECK(predictors->at(0).allocation.member == fit.fits[0].predictor.allocation.member);
}

TEST_CASE("the intervals of N* from fewer rows hold the later point", "[fit][blend]") {
  // Rows below 1e20, 3e20, 1e21 and all: bootstrap intervals of the plain law exclude one another here.
  std::vector<Optimum> at;
  for (const double limit : {1e20 * std::exp(0.15), 3e20 * std::exp(0.15), 1e21 * std::exp(0.15), 1e30}) {
    Options options = with_outliers();
    options.at_flop = {1e24};
    const auto fit = fit_blend(rows::law("chinchilla"), members(), rows::below(rows::chinchilla(), limit),
                               options, {{}, {}, 2});
    REQUIRE(fit);
    at.push_back(fit->optimum.at(0));
  }
  for (std::size_t early = 0; early < at.size(); ++early) {
    for (std::size_t late = early + 1; late < at.size(); ++late) {
      INFO(early << " against " << late);
      CHECK(at[early].size.interval.low < at[late].size.value);
      CHECK(at[early].size.interval.high > at[late].size.value);
      CHECK(at[early].size.interval.low < at[late].size.interval.high);
      CHECK(at[late].size.interval.low < at[early].size.interval.high);
    }
  }
}
