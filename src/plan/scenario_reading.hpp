#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

/// What the parts of the scenario's reader share.
struct Reading {
  const json::Document& document;
  const json::Catalogue& catalogue;
  Diagnostics& diagnostics;
  Scenario& scenario;

  void assume(std::string key, json::Value value, std::string source) const {
    scenario.assumed.push_back({std::move(key), std::move(value), std::move(source)});
  }
  /// Errors of something that the member `key` names, at that member.
  void adopt(json::ObjectReader& reader, std::string_view key, const Diagnostics& errors) const;
};

Place place_of(json::ObjectReader& reader, std::string_view key);

/// Parts of the schema that this version does not plan with: an error each, unless there is nothing in them.
void refuse(json::ObjectReader& reader, std::initializer_list<const char*> keys);

std::optional<Given> given(json::ObjectReader& reader, std::string_view key, Dimension dimension,
                           const json::ObjectReader::Range& range);

void read_limits(Reading& reading, json::ObjectReader& root);
/// Pins of precision, optimizer, devices and the layout: lists of the fleet with one member left.
void read_machine_pins(Reading& reading, json::ObjectReader& pins);
/// training.clusters and everything about machines; `assumed`: a throughput is assumed as well, an error.
void read_fleet(Reading& reading, json::ObjectReader& training, bool assumed);
void read_laws(Reading& reading, json::ObjectReader& root);
void read_model(Reading& reading, json::ObjectReader& root);
void read_data(Reading& reading, json::ObjectReader& root);
void read_training(Reading& reading, json::ObjectReader& root);
/// laws.score, and the target that it turns into one of the loss.
void read_score(Reading& reading, json::ObjectReader& laws);
void read_score_target(Reading& reading, json::ObjectReader& targets);
void read_demand(Reading& reading, json::ObjectReader& root);
void read_techniques(Reading& reading, json::ObjectReader& root);
/// Parts of /training and /data that say how the run goes on in time and place.
void read_done(Reading& reading, json::ObjectReader& training);
void read_sites(Reading& reading, json::ObjectReader& training);
void read_schedule(Reading& reading, json::ObjectReader& training);
void read_stages(Reading& reading, json::ObjectReader& data);

/// What can only be judged when all is read: does anything bound size and tokens, is a price known, …
void check_whole(Reading& reading, json::ObjectReader& root);

}  // namespace scaleplan::plan
