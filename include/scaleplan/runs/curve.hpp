#pragma once

#include <string>
#include <vector>

#include "scaleplan/runs/table.hpp"

namespace scaleplan::runs {

/// One training run over its steps.
struct Curve {
  std::string run;
  /// One row for each step, ascending. Columns that have a meaning: `step` (optimiser steps), `tokens` (seen
  /// so far), `train_loss`, `eval_loss`, `loss` (when the caller chose one), `learning_rate`, `batch_tokens`
  /// (per step) and `planned_steps`; NaN where a step does not give one. Losses are nats per token.
  Table points;
  std::vector<Dropped> mended;  ///< repeated or misplaced records: what was done with how many
};

/// Rows of a step log in the order of the file as a curve. Rows of one step join. Where a loss stands twice
/// for a step: copies that alternate with their originals come from several ranks and are averaged; otherwise
/// the run was resumed, and from the step where it resumed the later attempt counts, the earlier one's
/// records from there on are left out. Rows without a step are left out. Of more than 2^18 steps neighbours
/// are averaged. All is counted in `mended`.
Curve make_curve(Table rows, std::string run);

/// The column that holds the loss of the run: `loss`, else `eval_loss`, else `train_loss`; "" when none has a
/// value.
std::string loss_column(const Curve& curve);

/// Tokens seen at each step: as logged, between and beyond them in proportion to steps; `batch_tokens` times
/// steps where no tokens are logged; NaN throughout when neither is known.
std::vector<double> tokens_at(const Curve& curve);

/// The loss a curve ends with: the last value of an evaluation, or the mean of the training loss over the
/// last hundredth of the steps (a single batch is noise); NaN without a loss.
double final_loss(const Curve& curve);

/// The run as one row: the final `loss`, `steps` and `tokens` where it was measured, the largest
/// `learning_rate`, other columns with their last value, labels that do not change.
Table final_row(const Curve& curve);

/// The final rows of several runs.
Table final_rows(const std::vector<Curve>& curves);

/// Whether the log says that more steps are planned than it holds.
bool is_unfinished(const Curve& curve);

/// Add what is known of a run from elsewhere (`facts`: one row) to its final row, `row`, which the curve,
/// when there is one, then yields again with `batch_tokens`. A fact that contradicts the log by more than
/// 1e-6 is an error; of the learning rate the log's own counts.
Diagnostics add_facts(const Table& facts, Curve* curve, Table& row);

}  // namespace scaleplan::runs
