#include "scaleplan/training/goodput.hpp"

#include <algorithm>
#include <cmath>

namespace scaleplan::training {

double checkpoint_interval_s(double checkpoint_stall_s, double job_mtbf_s) {
  const double ratio = checkpoint_stall_s / (2 * job_mtbf_s);
  if (ratio >= 1) return job_mtbf_s;
  const double young = std::sqrt(2 * checkpoint_stall_s * job_mtbf_s);
  return young * (1 + std::sqrt(ratio) / 3 + ratio / 9) - checkpoint_stall_s;
}

Goodput goodput(const Failures& failures, double devices) {
  const double mtbf = failures.device_mtbf_s / devices;
  const double stall = failures.checkpoint_stall_s;
  // time of a restart that may itself fail, for each second of work lost to or made between failures
  const double restart = std::expm1(failures.detect_restart_s / mtbf);
  Goodput out;
  out.job_mtbf_s = mtbf;
  out.checkpoint_interval_s = std::max(checkpoint_interval_s(stall, mtbf), failures.checkpoint_write_s);
  const double interval = out.checkpoint_interval_s;
  if (interval <= 0) {  // checkpoints cost nothing: no work is ever repeated
    out.fraction = 1 / (1 + restart);
    out.restarting = 1 - out.fraction;
    return out;
  }
  const double working = mtbf * std::expm1((interval + stall) / mtbf);
  const double wall = working * (1 + restart);
  out.fraction = interval / wall;
  out.checkpointing = stall / wall;
  out.repeated = (working - interval - stall) / wall;
  out.restarting = working * restart / wall;
  return out;
}

double synchronous_stall_s(double bytes, double storage_bytes_per_s) {
  return bytes / storage_bytes_per_s;
}

double asynchronous_stall_s(double bytes, double devices, double host_bytes_per_s) {
  return bytes / devices / host_bytes_per_s;
}

}  // namespace scaleplan::training
