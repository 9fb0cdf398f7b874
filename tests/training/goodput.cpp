#include "scaleplan/training/goodput.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace scaleplan::training;

namespace {

// Daly 2006 equation 20: wall time per second of work when checkpoints are tau apart
double wall(double tau, double stall, double restart, double mtbf) {
  return mtbf * std::exp(restart / mtbf) * std::expm1((tau + stall) / mtbf) / tau;
}

}  // namespace

TEST_CASE("shares of wall time add up and the fraction is Daly's") {
  for (const double devices : {1.0, 64.0, 1024.0, 16384.0, 131072.0}) {
    for (const double stall : {0.0, 5.0, 60.0, 600.0}) {
      Failures failures;
      failures.checkpoint_stall_s = stall;
      const Goodput g = goodput(failures, devices);
      CHECK(g.fraction + g.checkpointing + g.repeated + g.restarting == Approx(1).epsilon(1e-12));
      CHECK(g.job_mtbf_s == Approx(failures.device_mtbf_s / devices));
      if (stall > 0) {
        CHECK(1 / g.fraction ==
              Approx(wall(g.checkpoint_interval_s, stall, failures.detect_restart_s, g.job_mtbf_s)));
      }
    }
  }
}

TEST_CASE("no other interval is much better") {
  for (const double ratio : {1e-4, 1e-3, 1e-2, 0.05}) {
    const double mtbf = 10000;
    const double stall = ratio * mtbf;
    const double chosen = checkpoint_interval_s(stall, mtbf);
    double least = 1e300;
    for (double tau = chosen / 20; tau < chosen * 20; tau *= 1.01) {
      least = std::min(least, wall(tau, stall, 100, mtbf));
    }
    CHECK(wall(chosen, stall, 100, mtbf) < least * (1 + 1e-3 * std::sqrt(ratio) + 1e-5));
    // Young's first-order interval is near while the stall is short
    CHECK(chosen == Approx(std::sqrt(2 * stall * mtbf)).epsilon(std::sqrt(ratio)));
  }
  CHECK(checkpoint_interval_s(300, 100) == 100);
}

TEST_CASE("Llama 3 405B: one failure in three hours, more than nine tenths effective") {
  // arXiv:2407.21783 section 3.3.4: 419 unexpected interruptions in 54 days on 16,384 devices
  Failures failures;
  failures.checkpoint_stall_s = 5;
  const Goodput g = goodput(failures, 16384);
  CHECK(g.job_mtbf_s / 3600 == Approx(54 * 24 / 419.0).epsilon(0.01));
  CHECK(g.fraction > 0.9);
  CHECK(g.fraction < 0.96);
}

TEST_CASE("a checkpoint that is copied stalls less than one that is written") {
  const double bytes = 14 * 405e9;
  CHECK(synchronous_stall_s(bytes, 2e12) == Approx(2.835));
  CHECK(asynchronous_stall_s(bytes, 16384, 20e9) == Approx(14 * 405e9 / 16384 / 20e9));
  CHECK(asynchronous_stall_s(bytes, 16384, 20e9) < synchronous_stall_s(bytes, 2e12));
}

TEST_CASE("no checkpoint begins before the last is written") {
  Failures failures;
  failures.checkpoint_stall_s = 0.01;
  const Goodput free = goodput(failures, 16384);
  failures.checkpoint_write_s = free.checkpoint_interval_s / 2;
  CHECK(goodput(failures, 16384).checkpoint_interval_s == free.checkpoint_interval_s);
  failures.checkpoint_write_s = 300;
  const Goodput bound = goodput(failures, 16384);
  CHECK(bound.checkpoint_interval_s == 300);
  CHECK(bound.fraction < free.fraction);
  // half an interval is done again after each failure
  CHECK(bound.repeated == Approx(150 / bound.job_mtbf_s).epsilon(0.05));
}
