#include "scaleplan/economy/site.hpp"

#include "economy/support.hpp"
#include "scaleplan/economy/energy.hpp"

using namespace scaleplan;
using namespace scaleplan::economy;

TEST_CASE("an 8xH100 node draws what was measured") {
  const NodePower dgx = node_power("dgx-h100");
  CHECK_FALSE(dgx.assumed);
  // arXiv:2412.08602: training peaks at 8.4 of 10.2 kW; arXiv:2506.14551: heavy work runs at 76 %
  CHECK(mean_node(dgx, Watts(700)).raw() == Approx(8400).epsilon(0.01));
  CHECK(mean_node(dgx, power("h100-sxm-80").training).raw() == Approx(0.76 * 10200).epsilon(0.03));
  CHECK(peak_node(dgx, {}).raw() == 10200);
  CHECK(peak_node(dgx, Watts(500)).raw() == 10200 - 8 * 200);
}

TEST_CASE("the devices are about half of an A100 node") {
  // POLCA, arXiv:2308.12908
  const Watts devices = 8 * power("a100-sxm-80").training;
  CHECK(devices / mean_node(node_power("dgx-a100"), power("a100-sxm-80").training) ==
        Approx(0.55).margin(0.08));
}

TEST_CASE("without a rated node the class stands for it, and says so") {
  const hardware::Device l40s = device("l40s");
  const auto guessed = economy::node_power(power("l40s"), l40s, nullptr);
  REQUIRE(guessed);
  CHECK(guessed->assumed);
  CHECK(peak_node(*guessed, {}).raw() == Approx(1.8 * 8 * 350));
  hardware::Node weak = node("dgx-h100");
  weak.power = Watts(3000);
  const auto refused = economy::node_power(power("h100-sxm-80"), device("h100-sxm-80"), &weak);
  REQUIRE_FALSE(refused);
  CHECK(to_text(refused.errors().front()).find("rated 3kW") != std::string::npos);
}

TEST_CASE("servers on a row, as POLCA counts them") {
  // 400 kW of 6.5 kW servers: peaks of 0.79 (inference) and 0.97 (training) of what is provisioned
  CHECK(nodes_on(Watts(400e3), Watts(6500)) == 61);
  CHECK(nodes_on(Watts(400e3), Watts(6500), 0.79) == 77);
  CHECK(nodes_on(Watts(400e3), Watts(6500), 0.97) == 63);
  CHECK(nodes_on(Watts(6500) * 60.0, Watts(6500)) == 60);
  // arXiv:2308.12908: 30 % more servers in the same row; the plain quotient gives nearly that
  CHECK(1 / 0.79 == Approx(1.30).epsilon(0.03));
}

TEST_CASE("peaks are never means") {
  const NodePower dgx = node_power("dgx-h100");
  const Facility facility{1.2, 4, 1};
  const Peaks top = peaks(facility, dgx, {}, 256);
  CHECK(top.rack.raw() == 4 * 10200);
  CHECK(top.site.raw() == Approx(1.2 * 256 * 10200));
  CHECK(peaks(facility, dgx, Watts(500), 256).site.raw() == Approx(1.2 * 256 * 8600));
  CHECK(peaks({1.2, 4, 0.97}, dgx, {}, 256).rack == top.rack);
  CHECK(peaks(facility, dgx, {}, 1).rack.raw() == 10200);
  const NodeDraw draw = node_draw(dgx, power("h100-sxm-80"), {});
  const Occupation month{Seconds(30 * 86400.0), 0.9, 0.04, 0.06};
  const RunEnergy energy = run_energy(facility, dgx, draw, 256, month);
  CHECK(mean_site_power(energy, month) < top.site);
}

TEST_CASE("wasted time costs less energy when it waits") {
  const NodePower dgx = node_power("dgx-h100");
  const NodeDraw draw = node_draw(dgx, power("h100-sxm-80"), {});
  const Facility plain{1, 1, 1};
  const Seconds day(86400);
  const RunEnergy clean = run_energy(plain, dgx, draw, 10, {day, 1, 0, 0});
  const RunEnergy redone = run_energy(plain, dgx, draw, 10, {day, 0.8, 0.2, 0});
  const RunEnergy waiting = run_energy(plain, dgx, draw, 10, {day, 0.8, 0, 0.2});
  CHECK(redone.total() / clean.total() == Approx(1));
  CHECK(waiting.total() < clean.total());
  // by hand: 8 × 121.7 W and 0.61 of the 4.6 kW that the host is rated
  CHECK(waiting.waiting.raw() == Approx(10 * (8 * 121.7 + 0.61 * 4600) * 0.2 * 86400));
  CHECK(run_energy({1.3, 1, 1}, dgx, draw, 10, {day, 1, 0, 0}).total() / clean.total() == Approx(1.3));
  CHECK(run_energy(plain, dgx, draw, 10, {day, 1, 0, 0}, 80).other / clean.useful == Approx(1.0 / 24));
}

TEST_CASE("a cap lowers power and lengthens the run by no more than it saves") {
  const NodePower dgx = node_power("dgx-h100");
  const DevicePower h100 = power("h100-sxm-80");
  const Capped capped = under_cap(h100, h100.training, Watts(500), 1);
  const double power_ratio = node_draw(dgx, h100, Watts(500)).working / node_draw(dgx, h100, {}).working;
  CHECK(power_ratio < 1);
  // the host's share makes the saving of a node smaller than that of its devices
  CHECK(power_ratio > capped.draw / h100.training);
}
