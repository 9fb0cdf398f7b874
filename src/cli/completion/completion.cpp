#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/completion/words.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::cli {

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "fish", "zsh"};
  return shells;
}

Result<Answer> completion(const std::string& shell) {
  Answer answer;
  if (shell == "bash") {
    answer.text = bash_completion();
  } else if (shell == "fish") {
    answer.text = fish_completion();
  } else if (shell == "zsh") {
    answer.text = zsh_completion();
  } else {
    const std::string guess = did_you_mean(shell, completion_shells());
    return error("there is no completion for '" + shell + "'",
                 guess.empty() ? fmt::format("there are {}", fmt::join(completion_shells(), ", ")) : guess);
  }
  return answer;
}

}  // namespace scaleplan::cli
