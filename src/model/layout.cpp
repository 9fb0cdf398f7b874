#include "scaleplan/model/layout.hpp"

#include <fmt/format.h>

namespace scaleplan::model {

std::string_view recompute_name(Recompute recompute) {
  switch (recompute) {
    case Recompute::none:
      return "none";
    case Recompute::selective:
      return "selective";
    case Recompute::operators:
      return "operators";
    case Recompute::full:
      return "full";
  }
  return "none";
}

std::string to_text(const Layout& layout) {
  std::string text;
  auto degree = [&text](std::string_view name, std::int64_t value) {
    if (value > 1) {
      text += fmt::format("{}{} ", name, value);
    }
  };
  degree("tp", layout.tp);
  degree("pp", layout.pp);
  degree("vpp", layout.interleave);
  degree("cp", layout.cp);
  degree("ep", layout.ep);
  degree("dp", layout.dp);
  text += fmt::format("mbs{} zero{}", layout.micro_batch, layout.zero);
  if (layout.zero_group > 0) {
    text += fmt::format("/{}", layout.zero_group);
  }
  if (layout.sequence_parallel) {
    text += " sp";
  }
  if (layout.recompute != Recompute::none) {
    text += fmt::format(" {}", recompute_name(layout.recompute));
  }
  return text;
}

json::Value layout_to_json(const Layout& layout) {
  return json::Object{{"text", to_text(layout)},
                      {"tp", layout.tp},
                      {"pp", layout.pp},
                      {"dp", layout.dp},
                      {"cp", layout.cp},
                      {"ep", layout.ep},
                      {"zero", layout.zero},
                      {"zero_group", layout.state_group()},
                      {"micro_batch", layout.micro_batch},
                      {"interleave", layout.interleave},
                      {"recompute", recompute_name(layout.recompute)},
                      {"sequence_parallel", layout.sequence_parallel}};
}

}  // namespace scaleplan::model
