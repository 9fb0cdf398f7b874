#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/serving/replica.hpp"

namespace scaleplan::calibration {

/// The model that a publisher's name means: the catalogue's id, without suffixes that leave the shape alone
/// (-Instruct, -FP8, dates), or a release with the shape of another.
std::optional<model::Model> served_model(const json::Catalogue& catalogue, std::string_view name);

/// The engine that a case's own words name; `source` dates releases that state no version.
serving::Engine served_engine(std::string_view framework, std::string_view source);

/// The precision of serving::precision_names that publishers call by several names ("nvfp4", "" for the
/// checkpoint's own); `model` because gpt-oss is published in mxfp4 whatever the case calls it.
std::string served_precision(std::string_view precision, std::string_view model);

bool mentions(std::string_view text, std::string_view word);
/// The number right before `word` in `text`: "500 requests", "500 W of".
std::optional<double> number_before(std::string_view text, std::string_view word);

}  // namespace scaleplan::calibration
