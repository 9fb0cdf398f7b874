#include "fit/methods.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "scaleplan/fit/envelope.hpp"
#include "scaleplan/laws/allocation.hpp"
#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t envelope_resamples = 400;
constexpr std::size_t least_points = 3;
constexpr double narrow = 0.5;  // decades of compute that an exponent needs

/// Slope and value at `top` of ln y against ln C; NaN when the points do not give one.
struct Line {
  double slope = nan;
  double at_top = nan;
};

Line line_through(const std::vector<EnvelopePoint>& points, double EnvelopePoint::*what, double top) {
  Line line;
  std::set<double> sizes;
  double mean_u = 0;
  double mean_y = 0;
  for (const EnvelopePoint& point : points) {
    sizes.insert(point.ln_size);
    mean_u += std::log(point.compute) / static_cast<double>(points.size());
    mean_y += point.*what / static_cast<double>(points.size());
  }
  if (points.size() < least_points || sizes.size() < least_points ||
      std::log10(points.back().compute / points.front().compute) < narrow) {
    return line;
  }
  double square = 0;
  double product = 0;
  for (const EnvelopePoint& point : points) {
    const double u = std::log(point.compute) - mean_u;
    square += u * u;
    product += u * (point.*what - mean_y);
  }
  line.slope = product / square;
  line.at_top = std::exp(mean_y + line.slope * (std::log(top) - mean_u));
  return line;
}

/// Rows of one run are a curve where runs have several rows, rows of one size otherwise.
std::vector<std::size_t> curves_of(const Model& model, const std::vector<double>& sizes) {
  const std::set<std::string> runs(model.runs.begin(), model.runs.end());
  const bool by_run = runs.size() > 1 && runs.size() < model.runs.size();
  std::vector<std::size_t> curve;
  std::map<std::string, std::size_t> of_run;
  std::map<double, std::size_t> of_size;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    curve.push_back(by_run ? of_run.try_emplace(model.runs[i], of_run.size()).first->second
                           : of_size.try_emplace(sizes[i], of_size.size()).first->second);
  }
  return curve;
}

Growth growth_of(const std::vector<EnvelopePoint>& points,
                 const std::vector<std::vector<EnvelopePoint>>& redrawn, double EnvelopePoint::*what,
                 double top, double level) {
  Growth growth;
  const Line line = line_through(points, what, top);
  growth.exponent = line.slope;
  growth.at_top = line.at_top;
  std::vector<double> slopes;
  std::vector<double> values;
  for (const auto& draw : redrawn) {
    const Line other = line_through(draw, what, top);
    slopes.push_back(other.slope);
    values.push_back(other.at_top);
  }
  if (!slopes.empty()) {
    growth.exponent_interval = num::percentile_interval(slopes, level);
    growth.at_top_interval = num::percentile_interval(values, level);
  }
  return growth;
}

MethodRecord by_envelope(const CurvePoints& rows, double top, const Options& options,
                         const Control& control) {
  MethodRecord record;
  record.method = "envelope";
  const Envelope envelope(rows);
  const std::vector<EnvelopePoint> points = envelope.points();
  record.points = points.size();
  record.tried = envelope.budgets();
  std::vector<std::vector<EnvelopePoint>> redrawn(options.bootstrap > 0 ? envelope_resamples : 0);
  num::parallel_for(redrawn.size(), control, [&](std::size_t k, std::size_t /*worker*/) {
    num::Random random(options.seed, k);
    std::vector<std::size_t> times(envelope.curves(), 0);
    for (std::size_t draw = 0; draw < times.size(); ++draw) {
      ++times[random.below(times.size())];
    }
    redrawn[k] = envelope.points(times);
  });
  record.size = growth_of(points, redrawn, &EnvelopePoint::ln_size, top, options.level);
  record.tokens = growth_of(points, redrawn, &EnvelopePoint::ln_tokens, top, options.level);
  if (std::isnan(record.size.exponent)) {
    record.reason =
        "too few budgets where three sizes compete and one between them wins: half a decade and three sizes "
        "are needed";
  }
  return record;
}

Growth growth_of(const std::vector<IsoflopMinimum>& minima, double top, double level) {
  Growth growth;
  const PowerLaw law = isoflop_power_law(minima, level);
  if (law.found) {
    growth.exponent = law.exponent;
    growth.exponent_interval = law.exponent_interval;
    const double at_top = law.constant + law.exponent * std::log(top);
    const double half = num::normal_quantile(0.5 + 0.5 * level) * law.sd_at(std::log(top));
    growth.at_top = std::exp(at_top);
    growth.at_top_interval = {std::exp(at_top - half), std::exp(at_top + half), true};
  }
  return growth;
}

MethodRecord by_isoflop(const CurvePoints& rows, const laws::Allocator& allocator, double top, double level) {
  MethodRecord record;
  record.method = "isoflop";
  IsoflopMinima found = isoflop_minima({rows.compute, rows.size, rows.ln_loss});
  record.rejected = std::move(found.rejected);
  record.points = found.minima.size();
  record.tried = found.minima.size() + record.rejected.size();
  if (found.minima.size() < least_points) {
    record.reason = "fewer than three budgets have a parabola with a minimum inside the sizes";
    return record;
  }
  record.size = growth_of(found.minima, top, level);
  for (IsoflopMinimum& minimum : found.minima) {
    minimum.ln_size = std::log(allocator.tokens_for(std::exp(minimum.ln_size), minimum.compute));
  }
  record.tokens = growth_of(found.minima, top, level);
  return record;
}

}  // namespace

bool disagree(const MethodRecord& a, const MethodRecord& b) {
  const Interval& x = a.size.exponent_interval;
  const Interval& y = b.size.exponent_interval;
  return x.known && y.known && (x.high < y.low || y.high < x.low);
}

std::vector<double> run_compute(const Model& model, const runs::Table& table) {
  std::vector<double> compute;
  const auto flops = table.columns.find("flops");
  for (const std::size_t row : model.table_rows) {
    compute.push_back(flops == table.columns.end() ? nan : flops->second[row]);
  }
  if (std::all_of(compute.begin(), compute.end(), [](double c) { return c > 0; })) {
    return compute;
  }
  expr::Columns columns;
  columns.rows = model.size();
  columns.inputs.assign(model.inputs.begin(), model.inputs.end());
  return expr::Program::compile(model.law->compute, {model.law->input_names(), {}, {}, {}})
      .evaluate(columns, {});
}

std::vector<MethodRecord> compare_methods(const Model& model, const runs::Table& table, MethodRecord law,
                                          const Options& options, const Control& control) {
  const laws::Law& form = *model.law;
  std::map<std::string, double> fixed;
  const bool positive =
      std::all_of(model.observed.begin(), model.observed.end(), [](double l) { return l > 0; });
  if (!positive || form.kind != "loss" || form.size() == nullptr || form.tokens() == nullptr) {
    return {};
  }
  const auto column = [&](const laws::Input* input) {
    return model.inputs[static_cast<std::size_t>(input - form.inputs.data())];
  };
  CurvePoints rows{run_compute(model, table), column(form.size()), column(form.tokens()), {}, {}};
  for (const double loss : model.observed) {
    rows.ln_loss.push_back(std::log(loss));
  }
  rows.curve = curves_of(model, rows.size);
  for (const laws::Input& input : form.inputs) {
    fixed[input.name] = input.fallback.value_or(1);
  }
  const double top = *std::max_element(rows.compute.begin(), rows.compute.end());
  law.method = "law";
  law.points = model.size();
  law.tried = model.size();
  std::vector<MethodRecord> records{std::move(law)};
  records.push_back(by_isoflop(rows, laws::Allocator(form, fixed), top, options.level));
  records.push_back(by_envelope(rows, top, options, control));
  return records;
}

}  // namespace scaleplan::fit
