#pragma once

namespace scaleplan::training {

/// Failures and checkpoints of a job (times in seconds).
struct Failures {
  double device_mtbf_s =
      50700.0 * 3600;  ///< Llama 3 (arXiv:2407.21783 section 3.3.4): 419 in 54 days on 16,384
  double detect_restart_s = 480;
  double checkpoint_stall_s = 30;  ///< time that training stands still for one checkpoint
};

/// Share of wall time that makes progress with the interval that is best for it (Daly 2006).
struct Goodput {
  double fraction = 1;
  double checkpoint_interval_s = 0;
  double job_mtbf_s = 0;
  double checkpointing = 0;  ///< shares lost to checkpoints, to repeated work, to restarts
  double repeated = 0;
  double restarting = 0;
};
Goodput goodput(const Failures& failures, double devices);

}  // namespace scaleplan::training
