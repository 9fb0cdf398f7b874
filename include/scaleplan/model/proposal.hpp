#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

/// How the learning rate moves: "constant", "cosine", "linear" or "wsd" (warm-up, stable, decay).
struct Schedule {
  std::string kind;
  double warmup_tokens = 0;
  std::optional<double> final_fraction;     ///< of the peak, at the end
  std::optional<double> cooldown_fraction;  ///< of the tokens; "wsd" only
};

/// Something in a proposal that the reader did not understand although it may change the cost.
struct Notice {
  std::string text;
  Place place;
};

/// A training run that somebody wants to launch. Absent members: the file does not say them. `places` hold
/// where a member was said, by its dotted path ("layout.tp", "learning_rate"); `assumed` the members that the
/// reader took from a framework's defaults, with that default's reason.
struct Proposal {
  std::string name;
  std::string origin;  ///< "proposal", "plan", or a framework's id
  std::string file;    ///< as named by the user
  std::optional<Shape> shape;
  std::optional<double> tokens;              ///< of the whole run
  std::optional<std::int64_t> batch_tokens;  ///< per optimiser step
  std::optional<std::int64_t> sequence_length;
  std::optional<double> learning_rate;  ///< peak
  std::optional<Schedule> schedule;
  std::optional<double> weight_decay;
  std::optional<std::string> optimizer;  ///< names of the training room: "adamw", "muon", …
  std::optional<std::string> precision;  ///< of matrix multiplications: "bf16", "fp8", …
  std::optional<std::string> engine;   ///< "megatron", "fsdp", "deepspeed", …: a name of the training room
  std::optional<std::string> cluster;  ///< id of a cluster or node
  std::optional<std::int64_t> devices;
  std::optional<Layout> layout;
  /// The file leaves layout->dp (1 here) to the number of devices, which it does not say: see `on_devices`.
  bool open_replicas = false;
  std::optional<Deployment> deployment;
  std::map<std::string, Place> places;
  std::map<std::string, std::string> assumed;
  std::vector<Notice> notices;

  /// The place of the nearest said ancestor of `path`, else the file.
  [[nodiscard]] Place place_of(const std::string& path) const;
};

/// The proposal on `devices` devices: where its replicas are open they become what the devices leave. An
/// error where the devices are no multiple of the rest of its layout, or not those that it says.
Result<Proposal> on_devices(Proposal proposal, std::int64_t devices);

}  // namespace scaleplan::model
