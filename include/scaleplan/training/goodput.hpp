#pragma once

namespace scaleplan::training {

/// Failures and checkpoints of a job (times in seconds).
struct Failures {
  double device_mtbf_s =
      50700.0 * 3600;  ///< Llama 3 (arXiv:2407.21783 section 3.3.4): 419 in 54 days on 16,384
  double detect_restart_s = 480;
  double checkpoint_stall_s = 30;  ///< time that training stands still for one checkpoint
  double checkpoint_write_s = 0;   ///< time to write one behind training: the next begins no earlier
};

/// Share of wall time that makes progress with the interval that is best for it, or the least that storage
/// allows: failures at random, at a constant rate, of which each stops the whole job, costs a restart and on
/// average half of an interval (Young 1974; the interval by Daly 2006 equation 37). fraction + checkpointing
/// + repeated + restarting = 1. Regime: checkpoint_stall_s and restart well below the job's mean time between
/// failures.
struct Goodput {
  double fraction = 1;
  double checkpoint_interval_s = 0;
  double job_mtbf_s = 0;
  double checkpointing = 0;  ///< shares lost to checkpoints, to repeated work, to restarts
  double repeated = 0;
  double restarting = 0;
};
/// `devices` ≥ 1; times > 0 (restart and stall may be 0).
Goodput goodput(const Failures& failures, double devices);

/// Daly's interval between the starts of two checkpoints' useful work.
double checkpoint_interval_s(double checkpoint_stall_s, double job_mtbf_s);

/// Seconds that training stands still for one checkpoint of `bytes` from `devices`: the copy to host memory
/// when it is written from there (asynchronous), else the write to storage at `storage_bytes_per_s` in all.
double synchronous_stall_s(double bytes, double storage_bytes_per_s);
double asynchronous_stall_s(double bytes, double devices, double host_bytes_per_s);

/// Bytes per second of a device's copies to host memory: PCIe 4 x16 has 32e9 nominal, PCIe 5 twice as much;
/// unverified, of all copies the slower.
constexpr double host_copy_bytes_per_s = 20e9;

}  // namespace scaleplan::training
