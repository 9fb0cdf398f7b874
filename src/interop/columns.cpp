#include "interop/columns.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace scaleplan::interop {
namespace {

using Names = std::string_view;

constexpr std::array params = {Names{"N"},
                               Names{"n_params"},
                               Names{"num_params"},
                               Names{"nparams"},
                               Names{"parameters"},
                               Names{"n_parameters"},
                               Names{"num_parameters"},
                               Names{"total_params"},
                               Names{"params_total"},
                               Names{"total_parameters"},
                               Names{"parameter_count"},
                               Names{"model_size"},
                               Names{"model_params"}};
constexpr std::array non_embedding = {
    Names{"params_non_embedding"},   Names{"non_embedding_parameters"}, Names{"n_non_embedding"},
    Names{"params_no_embed"},        Names{"non_emb_params"},           Names{"params_non_emb"},
    Names{"n_params_non_embedding"}, Names{"non_embed_params"},         Names{"num_non_embedding_params"}};
constexpr std::array active = {Names{"params_active"},     Names{"params_active_precise"},
                               Names{"active_parameters"}, Names{"n_active"},
                               Names{"n_active_params"},   Names{"num_active_params"},
                               Names{"activated_params"},  Names{"activated_parameters"}};
constexpr std::array active_non_embedding = {Names{"active_params_non_embedding"},
                                             Names{"non_embedding_active_params"}};
constexpr std::array tokens = {Names{"D"},
                               Names{"train_tokens"},
                               Names{"training_tokens"},
                               Names{"tokens_seen"},
                               Names{"n_tokens"},
                               Names{"num_tokens"},
                               Names{"total_tokens"},
                               Names{"tokens_total"},
                               Names{"tokens_trained"},
                               Names{"consumed_tokens"},
                               Names{"consumed_train_tokens"},
                               Names{"throughput/total_tokens"},
                               Names{"train/tokens"},
                               Names{"train/total_tokens"}};
constexpr std::array unique_tokens = {Names{"U"}, Names{"n_unique_tokens"}, Names{"num_unique_tokens"},
                                      Names{"unique_train_tokens"}, Names{"tokens_unique"}};
constexpr std::array flops = {Names{"C"},
                              Names{"flop"},
                              Names{"train_flop"},
                              Names{"train_flops"},
                              Names{"training_flop"},
                              Names{"training_flops"},
                              Names{"total_flop"},
                              Names{"total_flops"},
                              Names{"flops_total"},
                              Names{"total_flos"},
                              Names{"compute_flop"},
                              Names{"compute_flops"},
                              Names{"training_compute_flop"}};
constexpr std::array loss = {Names{"L"},
                             Names{"final_loss"},
                             Names{"val_loss"},
                             Names{"valid_loss"},
                             Names{"validation_loss"},
                             Names{"eval_loss"},
                             Names{"test_loss"},
                             Names{"eval/loss"},
                             Names{"val/loss"},
                             Names{"valid/loss"},
                             Names{"validation/loss"},
                             Names{"test/loss"},
                             Names{"final_val_loss"},
                             Names{"final_eval_loss"},
                             Names{"lm_loss"},
                             Names{"eval/lm_loss"},
                             Names{"cross_entropy"}};
constexpr std::array batch_tokens = {Names{"batch_size_tokens"},   Names{"batch_size_in_tokens"},
                                     Names{"global_batch_tokens"}, Names{"global_batch_size_tokens"},
                                     Names{"tokens_per_batch"},    Names{"tokens_per_step"}};
constexpr std::array learning_rate = {Names{"lr"},
                                      Names{"max_lr"},
                                      Names{"peak_lr"},
                                      Names{"lr_max"},
                                      Names{"lr_peak"},
                                      Names{"learning_rate_peak"},
                                      Names{"peak_learning_rate"},
                                      Names{"max_learning_rate"}};
constexpr std::array steps = {Names{"n_steps"},        Names{"num_steps"},   Names{"train_steps"},
                              Names{"training_steps"}, Names{"total_steps"}, Names{"num_train_steps"}};
constexpr std::array epochs = {Names{"n_epochs"}, Names{"num_epochs"}, Names{"num_train_epochs"}};
constexpr std::array experts = {Names{"n_experts"}, Names{"num_experts"}, Names{"n_routed_experts"}};
constexpr std::array sequence_length = {
    Names{"seq_len"},        Names{"seqlen"},      Names{"seq_length"},          Names{"sequence_len"},
    Names{"context_length"}, Names{"max_seq_len"}, Names{"max_sequence_length"}, Names{"n_ctx"}};

// of an optimiser's counter and a logger's, the optimiser's is meant
constexpr std::array step = {Names{"train/global_step"}, Names{"trainer/global_step"}, Names{"global_step"},
                             Names{"current_steps"},     Names{"train_step"},          Names{"train/step"},
                             Names{"trainer/step"},      Names{"iteration"},           Names{"iter"},
                             Names{"update_step"},       Names{"num_updates"},         Names{"_step"}};
constexpr std::array train_loss = {Names{"loss"},
                                   Names{"train/loss"},
                                   Names{"training_loss"},
                                   Names{"lm_loss"},
                                   Names{"train/lm_loss"},
                                   Names{"train/crossentropyloss"},
                                   Names{"train/cross_entropy"},
                                   Names{"train_loss_step"},
                                   Names{"train/loss_step"}};
constexpr std::array eval_loss = {
    Names{"eval/loss"},  Names{"val_loss"},        Names{"val/loss"},        Names{"valid_loss"},
    Names{"valid/loss"}, Names{"validation_loss"}, Names{"validation/loss"}, Names{"test_loss"},
    Names{"test/loss"},  Names{"val/lm_loss"},     Names{"eval/lm_loss"},    Names{"validation/lm_loss"}};
constexpr std::array current_rate = {Names{"learning_rate"},
                                     Names{"lr"},
                                     Names{"train/learning_rate"},
                                     Names{"train/lr"},
                                     Names{"optim/learning_rate"},
                                     Names{"optim/lr"},
                                     Names{"optim/learning_rate_group0"},
                                     Names{"optimizer/lr"},
                                     Names{"lr_adamw"}};
constexpr std::array planned_steps = {Names{"total_steps"}, Names{"max_steps"}, Names{"train_steps"},
                                      Names{"num_train_steps"}};

constexpr std::array run_id = {Names{"run_id"}, Names{"run_name"}, Names{"name"}};

constexpr std::array canonical = {
    Canonical{"params", Sign::positive, params},
    Canonical{"non_embedding_params", Sign::positive, non_embedding},
    Canonical{"active_params", Sign::positive, active},
    Canonical{"active_non_embedding_params", Sign::positive, active_non_embedding},
    Canonical{"head_no_embedding_params", Sign::positive, {}},
    Canonical{"tokens", Sign::positive, tokens},
    Canonical{"unique_tokens", Sign::positive, unique_tokens},
    Canonical{"flops", Sign::positive, flops},
    Canonical{"loss", Sign::positive, loss},
    Canonical{"batch_tokens", Sign::positive, batch_tokens},
    Canonical{"sequence_length", Sign::positive, sequence_length},
    Canonical{"learning_rate", Sign::not_negative, learning_rate},
    Canonical{"steps", Sign::not_negative, steps},
    Canonical{"epochs", Sign::not_negative, epochs},
    Canonical{"experts", Sign::not_negative, experts},
};

constexpr std::array of_steps = {
    Canonical{"step", Sign::not_negative, step, true},
    Canonical{"tokens", Sign::not_negative, tokens, true},
    Canonical{"train_loss", Sign::any, train_loss},
    Canonical{"eval_loss", Sign::any, eval_loss},
    Canonical{"learning_rate", Sign::not_negative, current_rate, true},
    Canonical{"batch_tokens", Sign::positive, batch_tokens, true},
    Canonical{"planned_steps", Sign::positive, planned_steps, true},
    Canonical{"flops", Sign::not_negative, flops, true},
};

char folded(char c) {
  return c == '-' || c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

}  // namespace

std::span<const Canonical> canonical_columns() {
  return canonical;
}

std::span<const Canonical> step_columns() {
  return of_steps;
}

const Canonical* find_canonical(std::span<const Canonical> list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Canonical& c) { return c.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::span<const std::string_view> run_id_aliases() {
  return run_id;
}

bool is_alias(std::string_view key, std::string_view alias) {
  if (alias.size() == 1) {
    return key == alias;
  }
  return key.size() == alias.size() &&
         std::equal(key.begin(), key.end(), alias.begin(), [](char a, char b) { return folded(a) == b; });
}

bool goes_by(std::string_view key, const Canonical& column) {
  return is_alias(key, column.name) ||
         std::any_of(column.aliases.begin(), column.aliases.end(),
                     [&](std::string_view each) { return is_alias(key, each); });
}

}  // namespace scaleplan::interop
