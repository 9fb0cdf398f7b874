#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "interop/records.hpp"
#include "scaleplan/interop/run_logs.hpp"
#include "scaleplan/runs/curve_builder.hpp"

namespace scaleplan::interop {

/// Values of options that mean nothing.
Diagnostics refuse_options(const RunLogOptions& options);

/// Problems of a file: all are counted, the first are told.
class ProblemCount {
 public:
  void add(std::vector<Problem> problems);
  [[nodiscard]] bool none() const { return count_ == 0; }
  /// The first ten with their places, then how many of each.
  [[nodiscard]] Diagnostics told(const std::string& file) const;
  /// Records by the reason why they are left out.
  [[nodiscard]] const std::vector<runs::Dropped>& dropped() const { return records_; }

 private:
  std::vector<Diagnostic> first_;
  std::size_t count_ = 0;
  std::vector<runs::Dropped> problems_;
  std::vector<runs::Dropped> records_;
};

/// From the records of a file, whole or piece by piece, to rows and curves: the columns they mean, what
/// cannot be used, the runs that steps belong to.
class LogBuilder {
 public:
  /// `log` has the format, and what has been passed over so far.
  LogBuilder(std::string file, const RunLogOptions& options, RunLog log);

  /// Whether the records are steps; settled by those it is asked for first.
  bool takes_steps(const Records& records);
  /// The next records, which it takes over. `places`: also those of the records of step logs. Errors are
  /// those of the file as a whole.
  Diagnostics add(Records& records, bool places);
  /// `passed_over`: what the reader has not made records of since.
  Result<RunLog> finish(const std::map<std::string, std::size_t>& passed_over);

 private:
  Diagnostics keep_keys(const std::map<std::string, std::string>& mapped);
  void add_steps(runs::Table table);
  void take_curves();

  std::string file_;
  const RunLogOptions& options_;
  RunLog log_;
  std::optional<bool> steps_;
  bool has_step_ = false;
  std::size_t rows_ = 0;
  std::size_t kept_ = 0;  // of them
  ProblemCount problems_;
  std::map<std::string, runs::CurveBuilder> curves_;  // by run
};

}  // namespace scaleplan::interop
