#include "plan/exploration.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/parallel.hpp"

namespace scaleplan::plan {

namespace {

constexpr double first_guess = 1.6;  // time over that of large multiplications alone, of a good layout
constexpr int probes = 4;            // rounds of throughput and size
constexpr double settled = 0.1;      // of ln size, between rounds
constexpr std::size_t chunk = 64;    // shapes between looks at the best so far
constexpr std::size_t searched_in_full = 4;
constexpr std::size_t searched_widely = 2;
constexpr std::size_t batches_in_full = 3;    // of these
constexpr std::size_t most_searched = 48;     // over all batches
constexpr double about_as_good = 5e-3;        // relative
constexpr double least_over_reference = 0.5;  // batches that a probe tries, over the reference batch
constexpr double most_over_reference = 17;
constexpr std::ptrdiff_t neighbours = 3;  // of the probe's batch on either side, for all other shapes
constexpr int patience = 2;               // strides that may be worse than the best before the climb ends

// Of equal value, what takes less time: below the reference batch a token is worth the same.
bool is_better(const Candidate& a, const Candidate& b) {
  const double equal = 1e-12 * std::abs(b.value);
  if (std::abs(a.value - b.value) > equal) return a.value < b.value;
  return a.at.cost.seconds < b.at.cost.seconds;
}

}  // namespace

Exploration::Exploration(const JointSetting& setting, const Option& option, const Control& control)
    : setting_(setting),
      option_(option),
      control_(control),
      machines_(setting.scenario, option, setting.efficiency),
      optimistic_(problem_at(machines_.least_cost(1).seconds, option.watts(0, 0))) {
  optimistic_->be_optimistic();
  all_batches_ = machines_.batches();
  bound_ = search_relaxation(*optimistic_, setting.view);
}

std::unique_ptr<Problem> Exploration::problem_at(double seconds_per_flop, double watts) const {
  Resources resources = resources_of(setting_.scenario, option_, seconds_per_flop, watts);
  resources.time_sd = machines_.time_sd();
  auto problem = std::make_unique<Problem>(setting_.scenario, setting_.model, std::move(resources),
                                           &setting_.recipe, setting_.lifetime);
  problem->cap_params(machines_.most_params());
  return problem;
}

View Exploration::at_batch(double tokens) const {
  View view = setting_.view;
  view.batch_tokens = tokens;
  return view;
}

// Batches about the reference and up: a much smaller one costs time and earns nothing.
std::vector<std::int64_t> Exploration::batches(double reference) const {
  const auto length = static_cast<double>(setting_.scenario.data.sequence_length);
  if (all_batches_.size() == 1) return all_batches_;
  std::vector<std::int64_t> out;
  for (std::int64_t n : all_batches_) {
    const double over = static_cast<double>(n) * length / reference;
    if (over > least_over_reference && over < most_over_reference) out.push_back(n);
  }
  if (out.empty()) out.push_back(all_batches_.back());
  return out;
}

// The shape nearest in size, of the family's usual aspect.
std::optional<Found> Exploration::shape_near(double size) const {
  const model::Family& family = setting_.scenario.model.family;
  std::optional<Found> best;
  double least = HUGE_VAL;
  for (double width = 0.05; width < 20 && !best; width *= 3) {
    model::enumerate(family, setting_.model.count(), size * std::exp(-width), size * std::exp(width),
                     [&](const model::Shape& shape, const model::Parameters& params) {
                       const auto counted =
                           static_cast<double>(model::counted(params, setting_.model.count()));
                       const double miss = std::abs(std::log(counted / size)) +
                                           0.1 * std::abs(std::log(shape.aspect() / family.aspect_reference));
                       if (miss < least) {
                         least = miss;
                         best = Found{shape, params};
                       }
                     });
  }
  return best;
}

std::optional<Candidate> Exploration::priced(const Found& found, const Offer& offer) const {
  const auto size = static_cast<double>(model::counted(found.params, setting_.model.count()));
  const View view = at_batch(offer.batch_tokens);
  Candidate candidate;
  candidate.shape = found.shape;
  candidate.params = found.params;
  candidate.at = problem_->at(view, size, offer.cost);
  if (!candidate.at.feasible) return std::nullopt;
  candidate.batch_tokens = offer.batch_tokens;
  candidate.run = offer.run;
  make_whole(*problem_, view, candidate);
  return candidate;
}

// The best batch for the probe's shape: a climb in strides from the smallest until it gets worse, then every
// batch about the best of them.
std::optional<Candidate> Exploration::probe_batches(const Found& found, bool all) const {
  const double reference = setting_.recipe.reference_batch(relaxed_.at.size, relaxed_.at.tokens);
  const std::vector<std::int64_t> list = all ? batches(reference) : sequences_;
  Machines::OnShape on_shape(machines_, found.shape);
  std::optional<Candidate> best;
  std::size_t best_at = 0;
  auto improves = [&](std::size_t i) {
    const std::optional<Offer> offer = on_shape.search(list[i]);
    std::optional<Candidate> candidate = offer ? priced(found, *offer) : std::nullopt;
    if (!candidate || (best && !is_better(*candidate, *best))) return false;
    best = std::move(candidate);
    best_at = i;
    return true;
  };
  const std::size_t stride = all ? std::size_t{neighbours} + 1 : 1;
  int worse = 0;
  for (std::size_t i = 0; i < list.size() && worse < patience; i += stride) {
    worse = improves(i) || !best ? 0 : worse + 1;
  }
  if (stride == 1) return best;
  const std::size_t middle = best_at;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::size_t away = i > middle ? i - middle : middle - i;
    const bool tried = best && i % stride == 0;
    if (!tried && (!best || away < stride)) improves(i);
  }
  return best;
}

// Layouts that serve the probe's shape at the batches worth trying.
void Exploration::collect_layouts() {
  Machines::OnShape on_shape(machines_, probed_->shape);
  for (std::int64_t n : sequences_) (void)on_shape.search(n, &layouts_);
  std::sort(layouts_.begin(), layouts_.end());
  layouts_.erase(std::unique(layouts_.begin(), layouts_.end()), layouts_.end());
}

// The batch that the probe chose, and its neighbours, for all other shapes.
void Exploration::set_batches(std::int64_t chosen) {
  const auto at = std::lower_bound(all_batches_.begin(), all_batches_.end(), chosen);
  const auto first = at - std::min<std::ptrdiff_t>(neighbours, at - all_batches_.begin());
  const auto end = at + std::min<std::ptrdiff_t>(neighbours + 1, all_batches_.end() - at);
  sequences_.assign(first, end);
}

bool Exploration::probe() {
  const TokenCost least = machines_.least_cost(1);
  double seconds_per_flop = first_guess * least.seconds;
  double watts = option_.watts(1, 0);
  double last = 0;
  double batch = 0;
  double shrink = 1;
  for (int round = 0; round < probes; ++round) {
    problem_ = problem_at(seconds_per_flop, watts);
    relaxed_ = search_relaxation(*problem_, at_batch(batch));
    if (relaxed_.outcome != Relaxed::Outcome::found) return false;
    const double size = relaxed_.at.size * shrink;
    if (round > 0 && std::abs(std::log(size / last)) < settled) break;
    const std::optional<Found> found = shape_near(size);
    if (!found) return false;
    last = size;
    std::optional<Candidate> best = probe_batches(*found, round == 0 || sequences_.empty());
    if (!best) {
      shrink *= 0.6;  // what does not fit is too large
      --round;
      if (shrink < 1e-3) return false;
      continue;
    }
    batch = best->batch_tokens;
    seconds_per_flop = best->at.cost.seconds / best->at.cost.flop;
    watts = best->run->watts;
    set_batches(best->run->sequences);
    probed_ = std::move(best);
  }
  return true;
}

double Exploration::estimate(double faster) const {
  if (faster == 1) return relaxed_.at.value;
  Problem problem = *problem_;
  problem.scale_seconds(1 / faster);
  const Relaxed relaxed = search_relaxation(problem, at_batch(probed_->batch_tokens));
  return relaxed.outcome == Relaxed::Outcome::found ? relaxed.at.value : HUGE_VAL;
}

OnOption Exploration::probed() const {
  OnOption out;
  out.option = &option_;
  out.problem = std::make_unique<Problem>(*problem_);
  out.relaxed = relaxed_;
  out.realised.candidates = {*probed_};
  out.realised.chosen = probed_;
  out.realised.bound = bound();
  out.value = probed_->value;
  return out;
}

std::optional<Candidate> Exploration::best_of(const Found& found) const {
  std::optional<Candidate> best;
  Machines::OnShape on_shape(machines_, found.shape);
  for (std::int64_t n : exact() ? all_batches_ : sequences_) {
    const std::optional<Offer> offer = exact() ? on_shape.search(n) : on_shape.among(n, layouts_);
    std::optional<Candidate> candidate = offer ? priced(found, *offer) : std::nullopt;
    if (candidate && (!best || is_better(*candidate, *best))) best = std::move(candidate);
  }
  return best;
}

void Exploration::improve(Candidate& candidate, const std::optional<Offer>& offer) const {
  std::optional<Candidate> better =
      offer ? priced({candidate.shape, candidate.params}, *offer) : std::nullopt;
  if (!better || !is_better(*better, candidate)) return;
  better->bound = candidate.bound;
  candidate = std::move(*better);
}

// Every batch, with the layouts at hand.
void Exploration::search_batches(Candidate& candidate) const {
  const double reference = setting_.recipe.reference_batch(candidate.at.size, candidate.at.tokens);
  Machines::OnShape on_shape(machines_, candidate.shape);
  for (std::int64_t n : batches(reference)) improve(candidate, on_shape.among(n, layouts_));
}

// Every layout, at the batch at hand and at the next best with the layouts at hand.
void Exploration::search_layouts(Candidate& candidate, std::size_t batches_searched) const {
  struct Priced {
    double value;
    std::int64_t sequences;
  };
  const double reference = setting_.recipe.reference_batch(candidate.at.size, candidate.at.tokens);
  std::vector<Priced> order{{-HUGE_VAL, candidate.run->sequences}};
  Machines::OnShape on_shape(machines_, candidate.shape);
  for (std::int64_t n : batches(reference)) {
    const std::optional<Offer> offer = on_shape.among(n, layouts_);
    const auto at = offer ? priced({candidate.shape, candidate.params}, *offer) : std::nullopt;
    if (at && n != candidate.run->sequences) order.push_back({at->value, n});
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Priced& a, const Priced& b) { return a.value < b.value; });
  order.resize(std::min(order.size(), batches_searched));
  for (const Priced& each : order) {
    improve(candidate, on_shape.search(each.sequences));
  }
}

std::vector<Candidate> Exploration::evaluate(const std::vector<Found>& found) {
  struct Bounded {
    std::size_t index;
    double bound;
  };
  std::vector<Bounded> order;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto size = static_cast<double>(model::counted(found[i].params, setting_.model.count()));
    const double flop =
        model::flop_per_token(found[i].shape, setting_.scenario.data.sequence_length).training.raw();
    const AtSize at = optimistic_->at(setting_.view, size, machines_.least_cost(flop));
    if (at.feasible) order.push_back({i, at.value});
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Bounded& a, const Bounded& b) { return a.bound < b.bound; });
  std::vector<Candidate> all;
  double best = HUGE_VAL;
  const double band = setting_.scenario.search.near_optimal;
  for (std::size_t from = 0; from < order.size(); from += chunk) {
    if (order[from].bound > best + band * std::abs(best)) break;
    const std::size_t to = std::min(order.size(), from + chunk);
    std::vector<std::optional<Candidate>> some(to - from);
    num::parallel_for(to - from, control_, [&](std::size_t i, std::size_t) {
      some[i] = best_of(found[order[from + i].index]);
      // everything that the shape could be was tried
      if (some[i]) some[i]->bound = exact() ? some[i]->at.value : order[from + i].bound;
    });
    evaluated_ += to - from;
    for (std::optional<Candidate>& candidate : some) {
      if (!candidate) continue;
      best = std::min(best, candidate->value);
      all.push_back(std::move(*candidate));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.value < b.value; });
  if (exact()) return all;
  // the choice falls among what is about as good as the best, for its speed
  std::size_t close = std::min(searched_in_full, all.size());
  while (close < std::min(most_searched, all.size()) &&
         all[close].value <= all.front().value + about_as_good * std::abs(all.front().value)) {
    ++close;
  }
  num::parallel_for(close, control_, [&](std::size_t i, std::size_t) { search_batches(all[i]); });
  for (std::size_t i = 0; i < std::min(searched_in_full, close); ++i) {
    search_layouts(all[i], i < searched_widely ? batches_in_full : 1);
  }
  return all;
}

bool Exploration::run(OnOption& out) {
  if (!probed_) {
    if (!exact()) return false;
    problem_ = problem_at(first_guess * machines_.least_cost(1).seconds, option_.watts(1, 0));
    relaxed_ = bound_;
  } else if (!exact()) {
    collect_layouts();
  }
  out.option = &option_;
  const Pricing pricing{optimistic_.get(),
                        [this](const std::vector<Found>& found) { return evaluate(found); }};
  out.realised = realise(*problem_, setting_.view, relaxed_, control_, &pricing);
  if (!out.realised.chosen) return false;
  const Candidate& chosen = *out.realised.chosen;
  out.value = chosen.value;
  gained_ = problem_->cost_of(1).seconds / (chosen.at.cost.seconds / chosen.at.cost.flop);
  out.problem = problem_at(chosen.at.cost.seconds / chosen.at.cost.flop, chosen.run->watts);
  const auto tokens = static_cast<double>(chosen.tokens);
  if (setting_.recipe.batch_costs(chosen.batch_tokens, chosen.at.size, tokens)) {
    out.problem->assume_batch(chosen.batch_tokens);
  }
  out.relaxed = solve_relaxation(*out.problem, setting_.view);
  return true;
}

}  // namespace scaleplan::plan
