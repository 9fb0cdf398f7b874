#include <cmath>
#include <limits>

#include "fit/allocator.hpp"
#include "fit/profile.hpp"
#include "scaleplan/num/parallel.hpp"

namespace scaleplan::fit {
namespace {

/// One number to profile, and where its interval goes.
struct Task {
  Derived derived;
  std::function<void(const Interval&)> keep;
};

void add_parameters(const Model& model, LawFit& fit, std::vector<Task>& tasks) {
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    const laws::Parameter& parameter = model.law->parameters[model.free[k]];
    Estimate& estimate = fit.parameters.at(parameter.name);
    tasks.push_back({[k](std::span<const double> theta) { return theta[k]; },
                     [&estimate, log = parameter.log](const Interval& i) {
                       estimate.interval = log ? Interval{std::exp(i.low), std::exp(i.high), i.known} : i;
                     }});
  }
}

Interval exponential(const Interval& i) {
  return {std::exp(i.low), std::exp(i.high), i.known};
}

void add_optimum(const Model& model, const laws::Allocator& allocator, Optimum& optimum,
                 std::vector<Task>& tasks) {
  const auto number = [&model, &allocator, compute = optimum.compute](double laws::Allocation::*what) {
    return [&model, &allocator, compute, what](std::span<const double> theta) {
      const laws::Allocation at = allocator.solve(model.natural(theta), compute);
      return at.found ? std::log(at.*what) : std::numeric_limits<double>::quiet_NaN();
    };
  };
  tasks.push_back({number(&laws::Allocation::size), [&allocator, &optimum](const Interval& i) {
                     if (!i.known) {
                       return;
                     }
                     const Interval size = exponential(i);
                     const double few = allocator.tokens_for(size.high, optimum.compute);
                     const double many = allocator.tokens_for(size.low, optimum.compute);
                     optimum.size.interval = size;
                     optimum.tokens.interval = {few, many, true};
                     optimum.tokens_per_parameter.interval = {few / size.high, many / size.low, true};
                   }});
  tasks.push_back({number(&laws::Allocation::loss),
                   [&optimum](const Interval& i) { optimum.loss.interval = exponential(i); }});
}

}  // namespace

void fill_profiles(const Model& model, const Descent& best, double level, const Control& control,
                   LawFit& fit) {
  const Profile profile(model, best, level);
  const auto allocator = default_allocator(*model.law);
  std::vector<Task> tasks;
  add_parameters(model, fit, tasks);
  for (Optimum& optimum : fit.optimum) {
    if (allocator && optimum.found) {
      add_optimum(model, *allocator, optimum, tasks);
    }
  }
  const auto scratch = descenders(model.program, control);
  num::parallel_for(tasks.size(), control, [&](std::size_t k, std::size_t worker) {
    tasks[k].keep(profile.interval(tasks[k].derived, *scratch[worker]));
  });
}

}  // namespace scaleplan::fit
