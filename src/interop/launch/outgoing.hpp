#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "interop/launch/draft.hpp"

namespace scaleplan::interop {

/// A proposal on its way into a file: members by dotted path, as in a Draft. Whoever writes one takes it;
/// what was not taken at the end cannot be said by the framework, which is an error that names it. Members
/// that say nothing (degrees of one, flags that are off) need not be taken.
class Outgoing {
 public:
  Outgoing(const model::Proposal& proposal, std::string_view framework);

  [[nodiscard]] const model::Proposal& proposal() const { return *proposal_; }
  /// The member, or nothing when the proposal does not say it.
  std::optional<json::Value> take(const std::string& path);
  /// As `take`; an error when it is absent.
  json::Value need(const std::string& path);
  void fail(std::string message, std::string remedy = {});
  /// All members below `path` are written ("shape": by a file of its own).
  void take_all(const std::string& path);
  /// What is missing, contradicts the framework, or was left over.
  Diagnostics finish();

 private:
  const model::Proposal* proposal_;
  std::string framework_;
  json::Value root_;
  std::vector<std::string> open_;  ///< members that say something and were not taken
  Diagnostics errors_;
};

/// Whole steps of a run.
struct Steps {
  std::int64_t all = 0;
  std::int64_t warmup = 0;
  std::int64_t cooldown = 0;      ///< of a "wsd" schedule
  std::int64_t batch = 0;         ///< sequences
  std::int64_t accumulation = 1;  ///< micro-batches of a replica
};

/// Tokens as whole steps, rounded up; takes tokens, batch_tokens, sequence_length and the schedule's lengths.
Steps take_steps(Outgoing& out);

/// `value` with twelve significant digits: what is left of a product or quotient of decimals.
double rounded(double value);

/// A number as a launch file has it: shortest text that reads back as the same double.
std::string plain(double value);

/// Lines of comment for the head of a written file: what wrote it, and what the framework cannot name but a
/// reader here takes back (the name of the run, the cluster), as `# scaleplan name = "…"`.
std::string labels(Outgoing& out, std::string_view mark);
/// Takes such labels out of a text into the draft.
void read_labels(const std::string& text, const std::string& file, Draft& draft);

}  // namespace scaleplan::interop
