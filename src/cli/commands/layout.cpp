#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/models.hpp"
#include "cli/training_options.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t most_shown = 1000;

// The layouts that --layout names, judged; texts that do not read are errors.
std::vector<report::NamedLayout> judged(const Values& values, const StatedJob& stated,
                                        const training::Efficiency& efficiency, Diagnostics& errors) {
  std::vector<report::NamedLayout> out;
  for (const std::string& text : values.texts("--layout")) {
    const Result<model::Layout> layout = model::parse_layout(text, stated.job.machine.devices);
    if (!layout) {
      const Diagnostic& first = layout.errors().front();
      errors.push_back(error("option '--layout': " + first.message, first.remedy));
      continue;
    }
    out.push_back({*layout, training::judge(stated.job, stated.space, efficiency, *layout)});
  }
  return out;
}

training::Failures failures_of(const report::LayoutResult& result) {
  training::Failures failures;
  failures.checkpoint_stall_s =
      training::asynchronous_stall_s(result.checkpoint_bytes, static_cast<double>(result.job.machine.devices),
                                     training::host_copy_bytes_per_s);
  return failures;
}

void search(report::LayoutResult& result, const training::Efficiency& efficiency, std::size_t top,
            const Session& session) {
  const training::Job& job = result.job;
  result.search = training::search_layouts(job, result.space, efficiency, top, session.control);
  if (result.search.best.empty()) {
    result.devices_needed = training::devices_needed(job, result.space, session.control);
    if (result.search.least) {
      result.least = training::judge(job, result.space, efficiency, *result.search.least).evaluated;
    }
  }
  for (std::vector<training::RankedLayout>* list : {&result.search.best, &result.search.pareto}) {
    for (training::RankedLayout& each : *list) training::set_level(each, result.level);
  }
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  const std::optional<std::int64_t> devices = values.whole("--devices", 1, std::int64_t{1} << 24);
  const auto top = static_cast<std::size_t>(values.whole("--top", 1, most_shown).value_or(10));
  if (!errors.empty()) return errors;
  const Result<ChosenModel> model = choose_model(arguments.operands[0], session);
  if (!model) return model.errors();
  const Result<ChosenCluster> cluster = choose_cluster(arguments.operands[1], devices, session);
  if (!cluster) return cluster.errors();
  const Result<training::Efficiency> efficiency = choose_efficiency(arguments, session);
  if (!efficiency) return efficiency.errors();
  StatedJob stated = stated_job(model->model, *cluster, arguments, errors);
  if (!errors.empty()) return errors;
  report::LayoutResult result;
  result.named = judged(values, stated, *efficiency, errors);
  if (!errors.empty()) return errors;
  result.model = arguments.operands[0];
  result.model_digest = model->digest;
  result.cluster = arguments.operands[1];
  result.cluster_digest = cluster->digest;
  result.job = std::move(stated.job);
  result.space = std::move(stated.space);
  result.assumed = std::move(stated.assumed);
  result.level = session.level.value_or(result.level);
  result.calibration = efficiency->id;
  result.family_known = efficiency->knows(result.job.machine.device.family);
  search(result, *efficiency, top, session);
  result.checkpoint_bytes = training::checkpoint_bytes(result.job.shape, result.job.optimizer);
  result.failures = failures_of(result);
  result.goodput = training::goodput(result.failures, static_cast<double>(result.job.machine.devices));
  result.assumed.push_back({"failures.device_mtbf_s", result.failures.device_mtbf_s,
                            "Llama 3 (arXiv:2407.21783): 419 failures in 54 days on 16,384 devices"});
  result.assumed.push_back({"failures.detect_restart_s", result.failures.detect_restart_s, "unverified"});
  result.assumed.push_back({"failures.checkpoint_stall_s", result.failures.checkpoint_stall_s,
                            "asynchronous: the copy to host memory at 20 GB/s per device"});
  Answer answer;
  answer.outcome = result.search.best.empty() ? Outcome::no : Outcome::yes;
  answer.report = report::present(result, session.explain);
  if (session.verbose) {
    answer.notes.push_back(fmt::format("{} legal layouts, {} evaluated; calibration {}", result.search.legal,
                                       result.search.evaluated, result.calibration));
  }
  return answer;
}

std::vector<Option> options() {
  std::vector<Option> out = {
      {"--devices", "", "N", "devices of the job", "the cluster's own", false},
      {"--top", "", "K", "layouts to list", "10", false},
      {"--layout", "", "TEXT",
       "say of this layout why it is out, or how far behind: \"tp8 pp4 mbs1 zero1 sp\"", "", true},
  };
  for (Option& option : training_options()) out.push_back(std::move(option));
  return out;
}

}  // namespace

const Command& layout_command() {
  static const Command command = {
      "layout",
      "find the best parallelism layouts for training a model on a cluster",
      {model_operand(), {"CLUSTER", "a cluster id or file, or a node or device id with --devices", 1, 1}},
      options(),
      {"scaleplan layout gpt3-175b dgx-a100 --devices 1024 --global-batch 1536 --sequence-length 2048",
       "scaleplan layout llama-3.1-405b dgx-h100 --devices 16384 --global-batch 2048 --tp 8 --top 3",
       "scaleplan layout model.json dgx-h100 --devices 64 --global-batch 512 --layout \"tp8 pp1 zero3\" "
       "--explain"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
