#include "scaleplan/hardware/machine.hpp"

#include <catch2/catch.hpp>

#include "scaleplan/hardware/cluster.hpp"
#include "scaleplan/hardware/collectives.hpp"

using namespace scaleplan;
using namespace scaleplan::hardware;

namespace {

const json::Catalogue catalogue;

Device device(const std::string& id) {
  Result<Device> found = find_device(catalogue, id);
  REQUIRE(found);
  return *found;
}

Machine machine(const std::string& id, std::int64_t devices) {
  Result<Machine> found = machine_of(device(id), nullptr, devices);
  REQUIRE(found);
  return *found;
}

std::string refusal(const Device& d, const Node* node, std::int64_t devices) {
  const Result<Machine> found = machine_of(d, node, devices);
  return found ? "" : to_text(found.errors().front());
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The longest of n ranks' schedules when blocks go round a ring step by step.
double simulated_ring(double bytes, int ranks, double bandwidth, double step_s) {
  double time = 0;
  for (int step = 0; step + 1 < ranks; ++step) time += step_s + bytes / ranks / bandwidth;
  return time;
}

}  // namespace

TEST_CASE("a machine takes each link from the best source") {
  const Machine plain = machine("a100-sxm-80", 16);
  CHECK(plain.nic.raw() == 25e9);
  CHECK(plain.memory.raw() == 80.0 * (1UL << 30U));
  const Result<Node> jean_zay = find_node(catalogue, "jean-zay-a100");
  REQUIRE(jean_zay);
  // four NICs of 100 Gbit/s serve eight devices
  CHECK(machine_of(device("a100-sxm-80"), &*jean_zay, 384)->nic.raw() == 6.25e9);
  const Network own{BytesPerSecond(1e9), std::nullopt};
  CHECK(machine_of(device("a100-sxm-80"), &*jean_zay, 384, own)->nic.raw() == 1e9);
  CHECK(machine("gb300", 64).scale_up_devices == 72);
  const Machine slice = machine("tpu-v5e", 512);
  CHECK(slice.torus_axes == 2);
  CHECK(slice.pod_devices == 256);
}

TEST_CASE("machines that cannot be are refused with what is missing") {
  Device d = device("a100-sxm-80");
  CHECK(holds(refusal(d, nullptr, 20), "not whole nodes of 8; take 16 or 24"));
  CHECK(holds(refusal(d, nullptr, 0), "0 devices"));
  CHECK(refusal(d, nullptr, 7).empty());  // part of one node
  d.memory_bandwidth.reset();
  CHECK(holds(refusal(d, nullptr, 8), "memory_bandwidth_bytes_per_s"));
  d = device("a100-sxm-80");
  d.memory = Bytes(0);
  CHECK(holds(refusal(d, nullptr, 8), "no memory"));
  d = device("v100-pcie-16");  // nobody says how it is networked
  CHECK(refusal(d, nullptr, 8).empty());
  CHECK(holds(refusal(d, nullptr, 16), "nic_bytes_per_s"));
  d.link_bandwidth.reset();
  CHECK(holds(refusal(d, nullptr, 8), "link"));
  CHECK(refusal(d, nullptr, 1).empty());
}

TEST_CASE("ring collectives equal their schedule, block by block") {
  for (const int ranks : {2, 3, 8, 64}) {
    const double once = simulated_ring(1e9, ranks, 1e11, 1e-5);
    CHECK(all_gather_s(1e9, ranks, 1e11, 1e-5) == Approx(once));
    CHECK(reduce_scatter_s(1e9, ranks, 1e11, 1e-5) == Approx(once));
    CHECK(all_reduce_ring_s(1e9, ranks, 1e11, 1e-5) == Approx(2 * once));
    CHECK(all_to_all_s(1e9, ranks, 1e11, 1e-5) == Approx(once));
  }
  CHECK(all_reduce_ring_s(1e9, 1, 1e11, 1e-5) == 0);
  CHECK(all_reduce_tree_s(1e9, 8, 1e11, 1e-5) == Approx(2 * 3 * 1e-5 + 2e9 / 1e11));
  CHECK(point_to_point_s(1e6, 1e10, 1e-5) == Approx(1.1e-4));
}

TEST_CASE("two levels beat one ring over the slow link, and degenerate to one") {
  const TwoLevels levels{8, 16, 3e11, 3e10};
  CHECK(all_reduce_hierarchical_s(1e9, levels, 1e-5) < all_reduce_ring_s(1e9, 128, 3e10, 1e-5));
  CHECK(all_reduce_hierarchical_s(1e9, {8, 1, 3e11, 3e10}, 1e-5) ==
        Approx(all_reduce_ring_s(1e9, 8, 3e11, 1e-5)));
  CHECK(all_reduce_hierarchical_s(1e9, {1, 16, 3e11, 3e10}, 1e-5) ==
        Approx(all_reduce_ring_s(1e9, 16, 3e10, 1e-5)));
}

TEST_CASE("a ring runs at its slowest link") {
  const Machine m = machine("h100-sxm-80", 64);
  const LinkQuality q;
  // ml-engineering network/README.md: 8 × H200 (the same NVLink 4) gather at 361.4e9 of 450e9 bytes/s
  CHECK(ring_bandwidth(m, {8, 1}, q) == Approx(361.4e9).epsilon(0.01));
  CHECK(ring_bandwidth(m, {16, 1}, q) == Approx(8 * 0.7 * 50e9));  // all NICs of the node
  CHECK(ring_bandwidth(m, {8, 8}, q) == Approx(0.7 * 50e9));       // one rank a node: one NIC
  CHECK(ring_bandwidth(m, {16, 4}, q) == Approx(2 * 0.7 * 50e9));
  CHECK(ring_bandwidth(machine("gb300", 64), {64, 1}, q) == Approx(0.8 * 900e9));
  const Machine torus = machine("tpu-v5e", 512);
  CHECK(ring_bandwidth(torus, {256, 1}, q) == Approx(0.8 * 4 * 45e9));    // two axes, both ways
  CHECK(ring_bandwidth(torus, {16, 1}, q, 1) == Approx(0.8 * 2 * 45e9));  // one axis
  CHECK(ring_bandwidth(torus, {2, 256}, q) == Approx(0.7 * 3.125e9));     // across pods
}

TEST_CASE("every cluster stands on a node and makes a machine") {
  REQUIRE(catalogue.ids("clusters").size() >= 5);
  for (const std::string& id : catalogue.ids("clusters")) {
    INFO(id);
    const Result<Cluster> cluster = find_cluster(catalogue, id);
    REQUIRE(cluster);
    CHECK(cluster->id == id);
    CHECK(!cluster->source.empty());
    const Result<Node> node = find_node(catalogue, cluster->node);
    REQUIRE(node);
    CHECK(machine_of(device(node->device), &*node, cluster->devices, cluster->network));
  }
}

TEST_CASE("every device belongs to a family, and what deals tiles says to how many") {
  for (const std::string& id : catalogue.ids("devices")) {
    INFO(id);
    const Device d = device(id);
    CHECK(!d.family.empty());
    const bool systolic =
        d.family == "tpu" || d.family == "gaudi" || d.family == "trainium" || d.family == "ascend";
    CHECK((d.multiprocessors == 0) == systolic);
    CHECK((d.torus_axes > 0) == (d.family == "tpu"));
  }
}

TEST_CASE("a cluster file names every mistake") {
  const auto document = json::parse(R"({"schema": "scaleplan/cluster/1", "id": "mine", "node": "dgx-h100",
    "devices": 0, "pue": 0.5, "network": {"nic": 1}, "regoin": "us"})",
                                    "mine.json");
  const Result<Cluster> cluster = read_cluster(*document);
  REQUIRE(!cluster);
  std::string all;
  for (const Diagnostic& d : cluster.errors()) all += to_text(d) + "\n";
  for (const char* part : {"/devices", "/pue", "/network/nic", "/regoin", "region"}) CHECK(holds(all, part));
}
