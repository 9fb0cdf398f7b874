#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "scaleplan/economy/power.hpp"
#include "scaleplan/economy/site.hpp"
#include "scaleplan/hardware/device.hpp"

inline scaleplan::hardware::Device device(const std::string& id) {
  auto found = scaleplan::hardware::find_device(scaleplan::json::Catalogue(), id);
  INFO((found ? "" : to_text(found.errors().front())));
  REQUIRE(found);
  return *found;
}

inline scaleplan::hardware::Node node(const std::string& id) {
  auto found = scaleplan::hardware::find_node(scaleplan::json::Catalogue(), id);
  INFO((found ? "" : to_text(found.errors().front())));
  REQUIRE(found);
  return *found;
}

inline scaleplan::economy::DevicePower power(const std::string& id) {
  auto found = scaleplan::economy::device_power(device(id));
  REQUIRE(found);
  return *found;
}

inline scaleplan::economy::NodePower node_power(const std::string& id) {
  const scaleplan::hardware::Node machine = node(id);
  auto found = scaleplan::economy::node_power(power(machine.device), device(machine.device), &machine);
  REQUIRE(found);
  return *found;
}
