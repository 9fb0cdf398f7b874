#pragma once

#include <string>

#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/serving/deployment.hpp"

namespace scaleplan::serving {

inline model::Shape shape_of(const std::string& id) {
  return model::find_model(json::Catalogue{}, id).value().shape;
}

inline hardware::Machine machine(const std::string& device, std::int64_t devices) {
  return hardware::machine_of(hardware::find_device(json::Catalogue{}, device).value(), nullptr, devices)
      .value();
}

inline Engine engine_of(const std::string& name, Overhead overhead = Overhead::current) {
  Engine engine = find_engine(name).value();
  engine.overhead = overhead;
  return engine;
}

inline Replica replica(const std::string& model, const std::string& device, std::int64_t tp,
                       const std::string& precision, const Engine& engine = {}) {
  const hardware::Machine place = machine(device, 8);
  const Body body = body_of(shape_of(model));
  const Numbers numbers =
      numbers_for(body, place.device, engine, precision, default_cache(engine, precision)).value();
  return replica_on(place, body, numbers, engine, tp, 1);
}

}  // namespace scaleplan::serving
