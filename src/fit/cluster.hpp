#pragma once

#include "fit/model.hpp"

namespace scaleplan::fit {

/// Which rows are resampled together: by `cluster_by`, else rows of one run where run ids repeat, else rows
/// that are identical in all that the law sees. Errors: an unknown key, a tolerance for words, clusters asked
/// for where there are none.
Result<Clusters> clusters_of(const Model& model, const runs::Table& table, const Options& options);

/// Divides every row's weight by the number of rows in its cluster.
void weigh_clusters_alike(const Clusters& clusters, std::vector<double>& weights);

}  // namespace scaleplan::fit
