#include "scaleplan/serving/step.hpp"

#include <algorithm>
#include <cmath>

namespace scaleplan::serving {

namespace {

constexpr double activation_bytes = 2;       // between layers, 16 bits
constexpr double dispatch_bytes = 1.5;       // all-to-all: 8 bits out, 16 bits back
constexpr double collectives_per_layer = 2;  // behind attention and behind the feed-forward network

double chunks(double tokens) {
  return std::max(1.0, std::ceil(tokens / chunk_tokens));
}

// bytes of the batch's keys and values that one device reads for one token of each sequence
double cache_read_bytes(const Replica& r, double batch, double context) {
  return batch * r.body.attended(context) * r.body.cache_values_per_token() * r.numbers.cache_bytes /
         r.cache_shards();
}

// FLOP of scores and values of one token against a compressed cache
double latent_flop(const Body& body, double batch, double context) {
  return 2 * body.heads * body.decode_width * body.layers * batch * body.attended(context);
}

double prompt_attention_flop(const Body& body, const Request& request) {
  const double widths = body.layers * body.attention_share * body.heads * body.prefill_width;
  // causal half of the whole square less that of the cached part
  const double pairs = request.input * request.input - request.cached * request.cached;
  const double windowed = std::min(pairs, 2 * request.computed() * body.window);
  return 2 * widths * ((1 - body.window_share) * pairs + body.window_share * windowed);
}

}  // namespace

double Replica::cache_shards() const {
  if (attention_dp) return tp;
  return body.latent ? 1 : std::min(tp, body.kv_heads);
}

double Replica::weight_bytes() const {
  const double copies = tp / matrix_shards();
  return body.dense_params * numbers.dense.bytes * copies + body.expert_params * numbers.experts.bytes +
         activation_bytes * body.vocabulary * body.hidden;
}

double Clock::gemm_share(Compute compute) const {
  if (compute == Compute::bits4) return constants_->gemm_4bit;
  return compute == Compute::bits8 ? constants_->gemm_8bit : constants_->gemm_16bit;
}

double Clock::expert_hit(double tokens) const {
  const Body& body = replica_->body;
  return 1 - std::pow(1 - body.per_token / body.experts, tokens);
}

double Clock::overhead() const {
  const Constants& c = *constants_;
  const Engine& engine = replica_->engine;
  const double layer = engine.overhead == Overhead::classic ? c.layer_classic_s : c.layer_current_s;
  return replica_->body.layers * layer + replica_->body.moe_layers * c.moe_layer_s +
         (engine.host == Host::python ? 2 : 1) * c.pass_s;
}

Pass Clock::pass(double tokens) const {
  const Replica& r = *replica_;
  const Constants& c = *constants_;
  const Body& body = r.body;
  const double n = r.tp;
  Pass pass;
  pass.dense_compute =
      2 * body.dense_params * tokens / (n * r.numbers.dense.peak * gemm_share(r.numbers.dense.compute));
  pass.dense_read =
      body.dense_params * r.numbers.dense.bytes / (r.matrix_shards() * r.memory_bandwidth * c.weight_read);
  if (body.routed()) {
    const double slowest = r.expert_parallel || r.attention_dp ? c.expert_spread : 1;
    const double share = gemm_share(r.numbers.experts.compute) * c.expert_gemm;
    pass.expert_compute = slowest * 2 * body.expert_params * (body.per_token / body.experts) * tokens /
                          (n * r.numbers.experts.peak * share);
    pass.expert_read = slowest * body.expert_params * expert_hit(tokens) * r.numbers.experts.bytes /
                       (n * r.memory_bandwidth * c.cache_read);
  }
  const double latency = r.crosses ? c.network_latency_s : c.link_latency_s;
  if (n > 1) {
    const double bytes = r.attention_dp ? tokens / n * std::min(body.routed() ? body.per_token : 1, n) *
                                              body.hidden * dispatch_bytes
                                        : 2 * (n - 1) / n * tokens * body.hidden * activation_bytes;
    pass.link = collectives_per_layer * body.layers * (latency + bytes / (c.link_share * r.link));
  }
  if (r.pp > 1) {
    const double bytes = tokens * body.hidden * activation_bytes;
    pass.link += r.pp * (c.network_latency_s + bytes / (c.link_share * r.stage_link));
  }
  return pass;
}

DecodeStep Clock::decode(double batch, double context) const {
  const Replica& r = *replica_;
  const Constants& c = *constants_;
  const double group = batch / r.pp;
  DecodeStep step;
  step.pass = pass(group * r.tokens_per_pass);
  step.attention = cache_read_bytes(r, group, context) / (r.memory_bandwidth * c.cache_read);
  if (r.body.latent) {
    const double flop = latent_flop(r.body, group, context);
    step.attention = std::max(step.attention, flop / (r.tp * r.numbers.peak_16bit * c.attention));
  }
  step.layers = overhead();
  const double each = r.engine.host == Host::python ? c.sequence_python_s : c.sequence_compiled_s;
  step.sequences = each * group / (r.attention_dp ? r.tp : 1);
  return step;
}

double Clock::prompt_attention(const Request& request) const {
  const Replica& r = *replica_;
  return prompt_attention_flop(r.body, request) / (r.tp * r.numbers.peak_16bit * constants_->attention);
}

MeanStep Clock::mean(double batch, const Request& request) const {
  MeanStep mean;
  mean.tokens_per_pass = replica_->tokens_per_pass;
  mean.step = decode(batch, request.mean_context());
  const double group = batch / replica_->pp;
  const double arrivals = group * replica_->tokens_per_pass / request.output;  // per pass
  const double with_chunk = std::min(1.0, arrivals);
  const double tokens = request.computed() * std::max(1.0, arrivals);
  // on average so many passes carry prompts; the first of them decodes, too
  const double q = std::max(1.0, tokens / chunk_tokens);
  const double extra = pass(group * mean.tokens_per_pass + tokens / q).total() +
                       (q - 1) * pass(tokens / q).total() - mean.step.pass.total();
  mean.prefill = std::max(0.0, with_chunk * extra + arrivals * prompt_attention(request));
  return mean;
}

double Clock::prefill(double prompts, const Request& request) const {
  const double tokens = prompts * request.computed();
  const double q = chunks(tokens);
  // chunks follow each other through the stages
  const double passes = (q + replica_->pp - 1) / replica_->pp;
  return passes * (pass(tokens / q).total() + overhead()) + prompts * prompt_attention(request);
}

double Clock::batch_limit(const Request& request) const {
  const Replica& r = *replica_;
  const Constants& c = *constants_;
  const double memory = r.devices() * r.memory;
  const double taken = r.weight_bytes() + c.reserve_bytes * r.devices();
  const bool live = r.engine.admission == Admission::live;
  const double free = live ? c.memory_live * memory - taken : c.memory_reserve * (memory - taken);
  const double whole =
      live ? request.mean_context() : request.input + request.output * (1 + request.output_cv2);
  const double tokens = whole - request.shared;
  const double per_sequence = r.body.attended(tokens) * r.body.cache_values_per_token() *
                              r.numbers.cache_bytes * r.tp / r.cache_shards();
  const double ranks = r.pp * (r.attention_dp ? r.tp : 1);
  return std::min(r.cache_usable * std::max(0.0, free) / per_sequence, rank_sequences * ranks);
}

economy::Utilisation Clock::utilisation(double batch, const Request& request, double step_s) const {
  const Replica& r = *replica_;
  const double group = batch / r.pp;
  const double read = r.body.dense_params * r.numbers.dense.bytes / r.matrix_shards() +
                      r.body.expert_params * expert_hit(group) * r.numbers.experts.bytes / r.tp +
                      cache_read_bytes(r, group, request.mean_context());
  const double work = 2 * r.body.active_params() * group / r.tp;
  const double peak = r.body.routed() ? r.numbers.experts.peak : r.numbers.dense.peak;
  return {read / (step_s * r.memory_bandwidth), work / (step_s * peak)};
}

double roofline_step(const Replica& r, double batch, const Request& request) {
  const Body& body = r.body;
  const double group = batch / r.pp;
  const double compute = 2 * group / r.tp *
                         (body.dense_params / r.numbers.dense.peak +
                          body.expert_params * body.per_token / body.experts / r.numbers.experts.peak);
  const double hit = 1 - std::pow(1 - body.per_token / body.experts, group);
  const double read = body.dense_params * r.numbers.dense.bytes / r.tp +
                      body.expert_params * hit * r.numbers.experts.bytes / r.tp +
                      group * body.attended(request.mean_context()) * body.cache_values_per_token() *
                          r.numbers.cache_bytes / r.tp;
  return std::max(compute, read / r.memory_bandwidth);
}

double roofline_prefill(const Replica& r, double prompts, const Request& request) {
  const Body& body = r.body;
  const double matrices = 2 * request.computed() *
                          (body.dense_params / r.numbers.dense.peak +
                           body.expert_params * body.per_token / body.experts / r.numbers.experts.peak);
  const double attention = prompt_attention_flop(body, request) / r.numbers.peak_16bit;
  return prompts * (matrices + attention) / r.devices();
}

}  // namespace scaleplan::serving
