#include <fmt/format.h>

#include <cmath>

#include "plan/scenario_reading.hpp"
#include "plan/techniques.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/serving/place.hpp"

namespace scaleplan::plan {

void read_demand(Reading& reading, json::ObjectReader& root) {
  DemandChoice choice;
  const bool present = root.object("demand", [&](json::ObjectReader& object) {
    choice.place = place_of(root, "demand");
    choice.demand = serving::read_demand(object);
    object.finish();
  });
  if (!present || has_errors(reading.diagnostics)) return;
  for (const serving::Site& site : choice.demand.sites) {
    Result<serving::Located> located = serving::locate(site, reading.catalogue);
    if (!located) {
      for (Diagnostic found : located.errors()) {
        if (found.place.file.empty()) found.place = choice.place;
        reading.diagnostics.push_back(std::move(found));
      }
      continue;
    }
    for (const serving::Assumed& assumed : located->assumed) {
      reading.assume("demand.serving." + assumed.key, assumed.value, site.id + ": " + assumed.source);
    }
    choice.sites.push_back({site.id, std::move(located->place), std::move(located->region)});
  }
  for (const serving::Assumed& assumed : choice.demand.assumed) {
    reading.assume("demand." + assumed.key, assumed.value, assumed.source);
  }
  reading.assume("demand.serving.engine", serving::Engine{}.name, "default");
  reading.scenario.demand = std::move(choice);
}

void read_techniques(Reading& reading, json::ObjectReader& root) {
  Scenario& scenario = reading.scenario;
  scenario.techniques_place = place_of(root, "techniques");
  scenario.techniques = terms::read_stack(root, "techniques", reading.catalogue, reading.diagnostics);
  root.object("technique_inputs", [&](json::ObjectReader& object) {
    for (const auto& [name, value] : object.members()) {
      scenario.technique_inputs[name] = object.number(name).value_or(0);
    }
    if (scenario.techniques.empty()) {
      root.fail("technique_inputs", "inputs of which techniques?", "add techniques or remove it");
    }
  });
  if (!scenario.fleet || scenario.techniques.empty()) return;
  for (ClusterChoice& cluster : scenario.fleet->clusters) {
    Result<economy::TechniqueEffects> effects = site_effects(scenario, cluster.facility);
    if (!effects) {
      reading.adopt(root, "techniques", effects.errors());
      return;
    }
    cluster.facility = effects->facility;
    cluster.power_factor = effects->node_power * effects->energy;
    if (cluster.tariff) {
      if (auto* owned = std::get_if<economy::Ownership>(&*cluster.tariff)) {
        owned->device_price = effects->device_price * owned->device_price;
      }
    }
  }
}

void read_done(Reading& reading, json::ObjectReader& training) {
  training.object("done", [&](json::ObjectReader& object) {
    DoneChoice done;
    done.place = place_of(training, "done");
    object.require("tokens");
    done.tokens = object.quantity("tokens", Dimension::tokens, {0, 1e20, false}).value_or(0);
    done.device_hours =
        object.quantity("device_hours", Dimension::device_hours, {0, 1e12, false}).value_or(0);
    object.finish();
    if (done.tokens > 0) reading.scenario.done = done;
  });
}

namespace {

// Loss over that of one site (arXiv:2503.09799 table 10): M^beta, as a ratio, since the law has no
// irreducible term.
double loss_of_sites(Reading& reading, double count) {
  const Result<laws::Selection> selected = laws::select_law(reading.catalogue, "charles2025:joint");
  if (!selected) return 1;
  const laws::Set* set = selected->law.find_set(selected->set);
  double beta = 0;
  for (std::size_t i = 0; i < selected->law.parameters.size(); ++i) {
    if (selected->law.parameters[i].name == "beta") beta = set->values[i];
  }
  const double factor = std::pow(count, beta);
  reading.assume("training.sites.loss_factor", factor,
                 "law charles2025:joint as a ratio to one site; measured at 30 local steps, 20 tokens per "
                 "parameter, up to 4B parameters and 8 sites");
  return factor;
}

}  // namespace

void read_sites(Reading& reading, json::ObjectReader& training) {
  training.object("sites", [&](json::ObjectReader& object) {
    SitesChoice sites;
    sites.place = place_of(training, "sites");
    for (const char* key : {"count", "bandwidth_bytes_per_s"}) object.require(key);
    sites.count = object.integer("count", 1, 4096).value_or(1);
    sites.bandwidth_bytes_per_s =
        object.quantity("bandwidth_bytes_per_s", Dimension::byte_rate, {0, 1e15, true}).value_or(1);
    static const std::vector<std::string> ways{"data-parallel", "local-sgd", "diloco", "streaming-diloco"};
    sites.algorithm = object.choice("algorithm", ways).value_or("diloco");
    const bool local = sites.algorithm != "data-parallel";
    sites.local_steps = object.integer("local_steps", 1, 100000).value_or(local ? 100 : 1);
    if (local && !object.has("local_steps")) {
      reading.assume("training.sites.local_steps", sites.local_steps, "default");
    }
    if (!local && sites.local_steps != 1) {
      object.fail("local_steps", "data-parallel sites exchange gradients every step",
                  "choose diloco or local-sgd, or remove it");
    }
    sites.payload_bytes = object.number("payload_bytes", {0, 8, true}).value_or(local ? 4 : 2);
    if (!object.has("payload_bytes")) {
      reading.assume("training.sites.payload_bytes", sites.payload_bytes,
                     local ? "fp32 differences of weights" : "16-bit gradients");
    }
    object.finish();
    if (sites.count <= 1) return;
    if (local) sites.loss_factor = loss_of_sites(reading, static_cast<double>(sites.count));
    reading.scenario.sites = sites;
  });
}

void read_schedule(Reading& reading, json::ObjectReader& training) {
  training.object("schedule", [&](json::ObjectReader& object) {
    ScheduleChoice schedule;
    static const std::vector<std::string> kinds{"cosine", "wsd", "linear", "constant"};
    schedule.kind = object.choice("kind", kinds).value_or("cosine");
    schedule.warmup_tokens =
        object.quantity("warmup_tokens", Dimension::tokens, {0, 1e20, false}).value_or(0);
    const json::ObjectReader::Range share{0, 1, false};
    schedule.cooldown_fraction = object.quantity("cooldown_fraction", Dimension::fraction, share);
    schedule.final_fraction = object.quantity("final_fraction", Dimension::fraction, share);
    if (schedule.cooldown_fraction && schedule.kind != "wsd") {
      object.fail("cooldown_fraction", "only a wsd schedule has a cooldown", R"(choose "kind": "wsd")");
    }
    object.finish();
    reading.scenario.schedule = schedule;
  });
  training.object("batch_ramp", [&](json::ObjectReader& object) {
    RampChoice ramp;
    for (const char* key : {"start_tokens", "over_tokens"}) object.require(key);
    ramp.start_tokens = object.quantity("start_tokens", Dimension::tokens, {1, 1e12, false}).value_or(1);
    ramp.over_tokens = object.quantity("over_tokens", Dimension::tokens, {0, 1e20, true}).value_or(1);
    object.finish();
    reading.scenario.ramp = ramp;
  });
}

void read_stages(Reading& reading, json::ObjectReader& data) {
  data.objects("stages", [&](json::ObjectReader& object, std::size_t) {
    Stage stage;
    for (const char* key : {"tokens", "sequence_length"}) object.require(key);
    stage.name = object.string("name").value_or("");
    stage.tokens = object.quantity("tokens", Dimension::tokens, {0, 1e20, true}).value_or(1);
    stage.sequence_length = object.integer("sequence_length", 1, 1 << 30).value_or(1);
    object.finish();
    reading.scenario.data.stages.push_back(std::move(stage));
  });
}

}  // namespace scaleplan::plan
