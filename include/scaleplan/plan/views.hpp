#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/fit/predictor.hpp"

namespace scaleplan::plan {

/// What charts of a plan show. Sizes are total parameters along the family's smooth curve, losses are seen as
/// the objective sees them (the median over the draws with a confidence, else the point estimate).
struct Views {
  struct Point {
    double params = 0;
    double tokens = 0;
    double loss = 0;
  };
  struct Line {
    double loss = 0;  ///< of every point
    std::vector<Point> points;
  };
  struct Priced {
    Point at;
    Interval loss;  ///< while the law varies
  };
  struct Limited {
    Point at;           ///< with the most tokens that the limits allow this size
    std::string limit;  ///< that is in the way of more
  };
  struct Part {
    std::string name;
    double amount = 0;
  };
  std::vector<double> params;             ///< of the map, ascending by equal ratios
  std::vector<double> tokens;             ///< the same
  std::vector<std::vector<double>> loss;  ///< [params][tokens]
  std::vector<Line> contours;    ///< tokens that reach a round loss, by params; the edge of the map beyond it
  double compute = 0;            ///< FLOP of the plan as the law counts them
  std::vector<Priced> isoflop;   ///< sizes that spend `compute`
  std::vector<Limited> limited;  ///< empty where law FLOP or a target alone decide on the tokens
  std::vector<Point> draws;      ///< the best for each draw of the law that has one, with its loss
  std::size_t draws_unsolved = 0;  ///< draws without
  fit::SeenRuns runs;              ///< behind the law; empty: not known
  std::vector<Part> step_s;        ///< parts that add up to the clean step time; empty without machines
  std::vector<Part> memory_bytes;  ///< parts that add up to what the worst device needs; the same
};

}  // namespace scaleplan::plan
