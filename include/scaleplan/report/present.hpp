#pragma once

#include <map>
#include <string>
#include <vector>

#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/fit/accuracy.hpp"
#include "scaleplan/fit/crossover.hpp"
#include "scaleplan/fit/curve.hpp"
#include "scaleplan/fit/fit.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/model/inspection.hpp"
#include "scaleplan/plan/plan.hpp"
#include "scaleplan/report/report.hpp"
#include "scaleplan/runs/table.hpp"
#include "scaleplan/terms/technique.hpp"

namespace scaleplan::report {

/// What the reader of a fit may want besides the fit itself.
struct FitNotes {
  std::string group_by;                ///< key of --group-by, or empty
  std::vector<runs::Dropped> skipped;  ///< records left out before fitting
};

/// `explain` adds how the answer was computed.
Report present(const fit::Fit& fit, const FitNotes& notes, bool explain);

/// `detail` adds the shape in full.
struct PlanView {
  bool explain = false;
  bool detail = false;
};
Report present(const plan::Plan& plan, const PlanView& view);

/// Predictions of one law or fit at the points of a user.
struct Predictions {
  std::string law;  ///< as chosen, "chinchilla:epoch240"
  std::string law_title;
  std::vector<std::string> inputs;    ///< of the law, in its order
  std::vector<Dimension> dimensions;  ///< of the inputs
  double level = 0.9;
  std::vector<fit::Prediction> points;
  fit::Accuracy accuracy;
  std::vector<runs::Dropped> skipped;
  std::string law_digest;                  ///< of the fit or law document, or empty
  std::vector<std::string> point_digests;  ///< of the files of points
};
Report present(const Predictions& predictions, bool explain);

/// Where the compute-optimal losses of pairs of predictors cross.
struct Crossing {
  std::string first;  ///< group, law or file, as a reader would name it
  std::string second;
  laws::Range range;  ///< of FLOP that was searched
  fit::Crossover crossover;
};
struct Crossings {
  std::vector<Crossing> all;
  double level = 0.9;
};
Report present(const Crossings& crossings);

/// What a model's shape implies.
struct ModelView {
  std::string name;             ///< as typed
  std::string kind;             ///< where it was found: "catalogue", "file", "hugging-face"
  std::string digest;           ///< of the file, or empty
  bool assumed_length = false;  ///< the model says no sequence length
  bool explain = false;
};
Report present(const model::Model& model, const model::Inspection& inspection, const ModelView& view);

/// The forecast of a running job.
struct Forecast {
  std::string run;
  fit::JobPlan plan;
  fit::CurveForecast curve;
  double level = 0.9;
  std::vector<runs::Dropped> mended;     ///< records of the log that repeat others
  std::vector<std::string> run_digests;  ///< of the log and what stands beside it
};
Report present(const Forecast& forecast, bool explain);

/// Dimension of a law's input, by its unit.
Dimension dimension_of(const laws::Input& input);

/// The catalogue: its kinds, the entries of one kind, one entry, one law.
Report present_kinds(const std::map<std::string, std::vector<std::string>>& ids_by_kind);
Report present_entries(const std::string& kind, const std::vector<json::Document>& entries);
Report present_entry(const std::string& kind, const json::Document& entry);
Report present_laws(const std::vector<laws::Law>& laws);
Report present_law(const laws::Law& law, const json::Document& entry, const std::string& set);

/// Entries and what was read from them, in the same order.
Report present_techniques(const std::vector<terms::Technique>& techniques,
                          const std::vector<json::Document>& entries);
Report present_technique(const terms::Technique& technique, const json::Document& entry);
Report present_regions(const std::vector<economy::Region>& regions,
                       const std::vector<json::Document>& entries);
/// JSON Schemas by their ids, and one of them: a row for each key that documents of the kind may have.
Report present_schemas(const std::vector<std::string>& ids, const std::vector<json::Document>& schemas);
Report present_schema(const std::string& id, const json::Document& schema);

}  // namespace scaleplan::report
