#include "fit/document_parts.hpp"

namespace scaleplan::fit {
namespace {

using json::Value;

Value estimate(double value, const Interval& interval) {
  Value out;
  out.set("value", number(value));
  out.set("interval", json::interval_value(interval.low, interval.high, interval.known));
  return out;
}

}  // namespace

json::Value rejected_to_json(const std::vector<RejectedBudget>& rejected) {
  Value out{json::Array{}};
  for (const RejectedBudget& budget : rejected) {
    Value item;
    item.set("compute", budget.compute);
    item.set("rows", budget.rows);
    item.set("reason", budget.reason);
    out.push(item);
  }
  return out;
}

json::Value methods_to_json(const std::vector<MethodRecord>& methods) {
  Value out{json::Array{}};
  for (const MethodRecord& method : methods) {
    Value item;
    item.set("method", method.method);
    item.set("reason", method.reason.empty() ? Value() : Value(method.reason));
    item.set("points", method.points);
    item.set("tried", method.tried);
    item.set("size_exponent", estimate(method.size.exponent, method.size.exponent_interval));
    item.set("token_exponent", estimate(method.tokens.exponent, method.tokens.exponent_interval));
    item.set("N_at_top", estimate(method.size.at_top, method.size.at_top_interval));
    item.set("D_at_top", estimate(method.tokens.at_top, method.tokens.at_top_interval));
    item.set("rejected", rejected_to_json(method.rejected));
    out.push(item);
  }
  return out;
}

}  // namespace scaleplan::fit
