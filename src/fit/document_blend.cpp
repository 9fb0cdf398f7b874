#include <algorithm>
#include <cmath>
#include <map>

#include "fit/blend/state.hpp"
#include "fit/document_parts.hpp"

namespace scaleplan::fit {
namespace {

using json::Value;

constexpr int digits = 8;

Value cuts(const BlendRecord& record) {
  Value out{json::Array{}};
  for (const RollingCut& cut : record.cuts) {
    Value item;
    item.set("decades_below_top", cut.decades);
    item.set("rows_below", cut.below);
    item.set("rows_above", cut.above);
    item.set("blend_error", number(cut.blend_error));
    item.set("plain_error", number(cut.plain_error));
    item.set("size_at_top", number(cut.size_at_top));
    out.push(item);
  }
  return out;
}

Value member_records(const BlendRecord& record) {
  Value out{json::Array{}};
  for (const MemberRecord& member : record.members) {
    Value item;
    item.set("law", member.law);
    item.set("window", member.window);
    item.set("rows", member.rows);
    item.set("weight", member.weight);
    item.set("rolling_error", number(member.rolling_error));
    item.set("weight_lost", number(member.weight_lost));
    item.set("surface_noise_ratio", number(member.noise_ratio));
    item.set("surface_scale", number(member.surface_scale));
    out.push(item);
  }
  return out;
}

Value minima(const BlendRecord& record) {
  Value out;
  out.set("method", record.minima.method);
  Value used{json::Array{}};
  for (const IsoflopMinimum& minimum : record.minima.minima) {
    Value item;
    item.set("compute", minimum.compute);
    item.set("N", std::exp(minimum.ln_size));
    item.set("stderr_ln_N", minimum.se);
    item.set("curvature", minimum.curvature);
    item.set("rows", minimum.rows);
    used.push(item);
  }
  out.set("minima", used);
  out.set("rejected", rejected_to_json(record.minima.rejected));
  if (record.power_law.found) {
    out.set("exponent", record.power_law.exponent);
    out.set("exponent_interval", json::interval_value(record.power_law.exponent_interval.low,
                                                      record.power_law.exponent_interval.high, true));
  }
  return out;
}

Value sizes(const BlendRecord& record) {
  Value out{json::Array{}};
  for (const SizeRecord& size : record.sizes) {
    Value item;
    item.set("compute", size.compute);
    Value members{json::Array{}};
    for (const double n : size.members) {
      members.push(number(n));
    }
    item.set("members", members);
    item.set("laws", number(size.laws));
    item.set("laws_sd_ln", number(size.laws_sd));
    item.set("minima", number(size.minima));
    item.set("minima_sd_ln", number(size.minima_sd));
    out.push(item);
  }
  return out;
}

Value state_to_json(const BlendState& state) {
  Value out;
  out.set("epochs_vary", state.epochs_vary);
  out.set("least_ln_loss", state.least_ln_loss);
  out.set("top_compute", state.top_compute);
  Value rows{json::Array{}};
  for (std::size_t i = 0; i < state.rows->size(); ++i) {
    const Feature& f = (*state.rows)[i];
    rows.push(Value(json::Array{f[0], f[1], f[2], state.row_weights[i]}));
  }
  out.set("rows", rows);
  Value surfaces{json::Array{}};
  for (const Surface& surface : state.surfaces) {
    Value item;
    item.set("noise_ratio", surface.noise_ratio());
    item.set("residuals", rounded_list(surface.residuals()));
    surfaces.push(item);
  }
  out.set("surfaces", surfaces);
  return out;
}

Value allocation_to_json(const AllocationDraws& draws) {
  Value out;
  out.set("ln_compute", rounded_list(draws.ln_compute));
  Value point;
  point.set("shift", rounded_list(draws.point.shift));
  point.set("level", rounded_list(draws.point.level));
  out.set("point", point);
  Value rows{json::Array{}};
  for (std::size_t k = 0; k < draws.member.size(); ++k) {
    Value row;
    row.set("member", draws.member[k]);
    row.set("shift", rounded_list(draws.move[k].shift));
    row.set("level", rounded_list(draws.move[k].level));
    rows.push(row);
  }
  out.set("draws", rows);
  return out;
}

std::vector<double> list(json::ObjectReader& reader, const char* key) {
  reader.require(key);
  return reader.numbers(key).value_or(std::vector<double>{});
}

void read_rows(json::ObjectReader& reader, std::vector<Feature>& rows, std::vector<double>& weights) {
  reader.require("rows");
  const Value* raw = reader.raw("rows");
  for (const Value& row : raw != nullptr && raw->is_array() ? raw->array() : json::Array{}) {
    const bool good =
        row.is_array() && row.array().size() == 4 &&
        std::all_of(row.array().begin(), row.array().end(), [](const Value& v) { return v.is_number(); });
    if (!good) {
      reader.fail("rows", "every row must hold four numbers");
      return;
    }
    rows.push_back({row.array()[0].number(), row.array()[1].number(), row.array()[2].number()});
    weights.push_back(row.array()[3].number());
  }
  if (rows.empty()) {
    reader.fail("rows", "no rows");
  }
}

void read_surfaces(json::ObjectReader& reader, BlendState& state) {
  std::map<double, SurfaceKernel> kernels;
  reader.require("surfaces");
  reader.objects("surfaces", [&](json::ObjectReader& surface, std::size_t) {
    const double f = surface.number("noise_ratio", {.minimum = 0, .exclusive = true}).value_or(1);
    std::vector<double> residuals = list(surface, "residuals");
    if (state.rows->empty() || residuals.size() != state.rows->size()) {
      surface.fail("residuals", "there must be one residual for each row");
      return;
    }
    if (!kernels.contains(f)) {
      kernels.emplace(f, surface_kernel(*state.rows, state.row_weights, f));
    }
    state.surfaces.emplace_back(state.rows, kernels.at(f), std::move(residuals));
  });
}

Move read_move(json::ObjectReader& reader, std::size_t knots) {
  Move move{list(reader, "shift"), list(reader, "level")};
  if (move.shift.size() != knots || move.level.size() != knots) {
    reader.fail("shift", "there must be one value for each knot");
  }
  return move;
}

void read_allocation(json::ObjectReader& reader, Predictor& predictor) {
  AllocationDraws& out = predictor.allocation;
  out.ln_compute = list(reader, "ln_compute");
  const std::size_t knots = out.ln_compute.size();
  if (knots < 2) {
    reader.fail("ln_compute", "at least two knots are needed");
  }
  reader.require("point");
  reader.object("point", [&](json::ObjectReader& point) { out.point = read_move(point, knots); });
  reader.objects("draws", [&](json::ObjectReader& draw, std::size_t) {
    const auto last = static_cast<std::int64_t>(predictor.members.size()) - 1;
    out.member.push_back(static_cast<std::size_t>(draw.integer("member", 0, last).value_or(0)));
    out.move.push_back(read_move(draw, knots));
  });
}

}  // namespace

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) {
    return value;
  }
  const double scale = std::pow(10.0, digits - 1 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

json::Value rounded_list(const std::vector<double>& values) {
  Value out{json::Array{}};
  for (const double value : values) {
    out.push(number(rounded(value)));
  }
  return out;
}

json::Value blend_to_json(const BlendRecord& record, const Predictor& predictor) {
  Value out;
  out.set("members", member_records(record));
  out.set("rolling", cuts(record));
  out.set("noise", number(record.noise));
  out.set("quantile", number(record.quantile));
  out.set("held_out", record.held_out);
  out.set("isoflop", minima(record));
  out.set("sizes", sizes(record));
  out.set("surface", state_to_json(*predictor.blend));
  out.set("allocation", allocation_to_json(predictor.allocation));
  return out;
}

void read_blend(json::ObjectReader& reader, Predictor& predictor) {
  auto state = std::make_shared<BlendState>();
  state->noise = reader.number("noise", {.minimum = 0}).value_or(0);
  state->quantile = reader.number("quantile", {.minimum = 0, .exclusive = true}).value_or(2);
  reader.require("surface");
  reader.object("surface", [&](json::ObjectReader& surface) {
    state->epochs_vary = surface.boolean("epochs_vary").value_or(false);
    surface.require("least_ln_loss");
    surface.require("top_compute");
    state->least_ln_loss = surface.number("least_ln_loss").value_or(0);
    state->top_compute = surface.number("top_compute", {.minimum = 0, .exclusive = true}).value_or(1);
    auto rows = std::make_shared<std::vector<Feature>>();
    read_rows(surface, *rows, state->row_weights);
    state->rows = rows;
    read_surfaces(surface, *state);
  });
  if (state->surfaces.size() != predictor.members.size()) {
    reader.fail("surface", "there must be one surface for each member");
    return;
  }
  reader.object("allocation",
                [&](json::ObjectReader& allocation) { read_allocation(allocation, predictor); });
  predictor.blend = state;
}

}  // namespace scaleplan::fit
