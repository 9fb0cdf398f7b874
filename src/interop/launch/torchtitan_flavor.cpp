#include "interop/launch/torchtitan.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "interop/launch/hf_write.hpp"

namespace scaleplan::interop {
namespace {

struct Flavor {
  std::string_view name;
  std::string_view flavor;
  std::string_view model;  ///< of the catalogue
};
constexpr Flavor flavors[] = {{"llama3", "8B", "llama-3.1-8b"},
                              {"llama3", "70B", "llama-3.1-70b"},
                              {"llama3", "405B", "llama-3.1-405b"},
                              {"llama4", "17bx16e", "llama-4-scout"},
                              {"llama4", "17bx128e", "llama-4-maverick"},
                              {"qwen3", "0.6B", "qwen3-0.6b"},
                              {"qwen3", "1.7B", "qwen3-1.7b"},
                              {"qwen3", "8B", "qwen3-8b"},
                              {"qwen3", "14B", "qwen3-14b"},
                              {"qwen3", "32B", "qwen3-32b"},
                              {"qwen3", "30B-A3B", "qwen3-30b-a3b"},
                              {"qwen3", "235B-A22B", "qwen3-235b-a22b"},
                              {"deepseek_v3", "671B", "deepseek-v3"},
                              {"gpt_oss", "20b", "gpt-oss-20b"},
                              {"gpt_oss", "120b", "gpt-oss-120b"}};

constexpr std::string_view module = "scaleplan_model";

// What torchtitan's llama3 builds, whatever its sizes.
bool is_llama(const model::Shape& shape) {
  model::Shape plain;
  plain.layers = shape.layers;
  plain.hidden = shape.hidden;
  plain.heads = shape.heads;
  plain.kv_heads = shape.kv_heads;
  plain.head_size = shape.heads > 0 ? shape.hidden / shape.heads : 0;
  plain.ffn = shape.ffn;
  plain.vocabulary = shape.vocabulary;
  return plain == shape;
}

// A flavor of llama3 under a name of its own. Its feed-forward width is the next multiple of `multiple_of`
// above two thirds of 4·dim times the multiplier, which here is exactly the width.
std::string flavor_module(const model::Shape& s) {
  const double usual = std::floor(2.0 * 4.0 * static_cast<double>(s.hidden) / 3.0);
  const double share = (static_cast<double>(s.ffn) - 0.5) / usual;
  return fmt::format(
      "from torchtitan.models.llama3 import TransformerModelArgs, llama3_args\n\n"
      "llama3_args[\"scaleplan\"] = TransformerModelArgs(\n"
      "    dim={},\n    n_layers={},\n    n_heads={},\n    n_kv_heads={},\n    vocab_size={},\n"
      "    ffn_dim_multiplier={:.12g},\n    multiple_of={},\n    rope_theta=500000,\n)\n",
      s.hidden, s.layers, s.heads, s.kv_heads, s.vocabulary, share, std::gcd(s.ffn, std::int64_t{1024}));
}

}  // namespace

std::optional<model::Shape> find_flavor(const std::string& name, const std::string& flavor,
                                        const json::Catalogue* catalogue) {
  for (const Flavor& each : flavors) {
    if (each.name != name || each.flavor != flavor || catalogue == nullptr) continue;
    if (const auto found = model::find_model(*catalogue, each.model)) return found->shape;
  }
  return std::nullopt;
}

void write_flavor(Outgoing& out, Arguments& arguments, std::vector<LaunchFile>& files) {
  const auto& shape = out.proposal().shape;
  if (!shape) {
    out.need("shape");
    return;
  }
  const json::Catalogue catalogue;
  for (const Flavor& each : flavors) {
    const auto known = find_flavor(std::string(each.name), std::string(each.flavor), &catalogue);
    if (!known || *known != *shape) continue;
    out.take_all("shape");
    arguments.add("model.name", each.name);
    arguments.add("model.flavor", each.flavor);
    return;
  }
  if (!is_llama(*shape)) {
    out.fail("has no flavor of this shape",
             "it can be told dense models like Llama, and the published ones it knows");
    out.take_all("shape");
    return;
  }
  arguments.add("model.name", "llama3");
  arguments.add("model.flavor", "scaleplan");
  arguments.add("model.hf_assets_path", ".");
  arguments.add("experimental.custom_import", module);
  files.push_back({fmt::format("{}.py", module), flavor_module(*shape)});
  files.push_back(hf_config_file(out));
}

}  // namespace scaleplan::interop
