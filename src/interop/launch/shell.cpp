#include "interop/launch/shell.hpp"

#include <algorithm>
#include <map>

#include "interop/launch/arithmetic.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t longest_word = std::size_t{1} << 14U;
constexpr std::size_t longest_script = std::size_t{1} << 20U;
constexpr std::size_t most_words = std::size_t{8} << 20U;  // bytes, after expansion

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_operator(char c) {
  return c == ';' || c == '|' || c == '&' || c == '<' || c == '>' || c == '(' || c == ')';
}

std::size_t name_length(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_name) - text.begin());
}

class Script {
 public:
  explicit Script(std::string_view text) : text_(text) {}

  Result<std::vector<Word>> words() {
    while (at_ < text_.size() && bytes_ <= most_words) step();
    if (bytes_ > most_words) return error("the variables of the script grow beyond all bounds");
    end_command();
    return std::move(words_);
  }

 private:
  struct Value {
    std::string text;
    std::string unresolved;
  };

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool continues() const {  // a line that goes on
    return peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'));
  }
  void skip_continuation() { at_ += peek(1) == '\r' ? 3U : 2U; }

  void end_command() {
    if (!words_.empty()) words_.back().ends_command = true;
  }

  void step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
    } else if (continues()) {
      skip_continuation();
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '\n') {
      if (!in_array_) end_command();
      ++at_;
    } else if (is_operator(c)) {
      if (c == ')') in_array_ = false;
      end_command();
      ++at_;
    } else {
      word();
    }
  }

  // NAME=value, NAME=( and NAME+=( set a variable or open an array, whose words count by themselves.
  bool assignment() {
    const std::size_t length = name_length(text_.substr(at_));
    const bool more = peek(length) == '+' && peek(length + 1) == '=';
    if (length == 0 || in_array_ || (!more && peek(length) != '=')) return false;
    if (peek() >= '0' && peek() <= '9') return false;
    const std::string name(text_.substr(at_, length));
    at_ += length + (more ? 2 : 1);
    if (peek() == '(') {
      ++at_;
      end_command();
      in_array_ = true;
      return true;
    }
    const std::size_t from = at_;
    Value value = read_value();
    if (value.text.starts_with("--")) {
      say(value, from);
      end_command();
    }
    if (more) value.text = variables_[name].text + value.text;
    if (value.text.size() > longest_word) value.unresolved = name;
    variables_[name] = std::move(value);
    return true;
  }

  void word() {
    if (assignment()) return;
    const std::size_t from = at_;
    const Value value = read_value();
    if (at_ == from) ++at_;
    const std::string_view source = text_.substr(from, at_ - from);
    const bool only_variable = source.find('$') < 2 && value.text.find(' ') != std::string::npos;
    if (only_variable && value.text.find("--") != std::string::npos) return;  // counted where it was set
    if (source.find("[@]") != std::string_view::npos || source.find("[*]") != std::string_view::npos) return;
    say(value, from);
  }

  // Strings that hold options fall apart into words, each with its own place where it was typed so.
  void say(const Value& value, std::size_t from) {
    bytes_ += value.text.size();
    if (!value.text.starts_with("--")) {
      words_.push_back({value.text, from, value.unresolved, false});
      return;
    }
    std::size_t start = 0;
    while (start < value.text.size()) {
      const std::size_t end = std::min(value.text.find_first_of(" \t\r\n", start), value.text.size());
      if (end > start) {
        const std::string piece = value.text.substr(start, end - start);
        const std::size_t typed = text_.substr(from, at_ - from).find(piece, start);
        const bool open = piece.find('$') != std::string::npos;
        words_.push_back({piece, typed == std::string_view::npos ? from : from + typed,
                          open ? value.unresolved : std::string(), false});
      }
      start = end + 1;
    }
  }

  Value read_value() {
    Value value;
    while (at_ < text_.size()) {
      const char c = peek();
      if (is_blank(c) || c == '\n' || is_operator(c) || continues()) break;
      if (c == '\'') {
        const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
        value.text += text_.substr(at_ + 1, end - at_ - 1);
        at_ = std::min(end + 1, text_.size());
      } else if (c == '"') {
        ++at_;
        quoted(value);
      } else {
        piece(value);
      }
      if (value.text.size() > longest_word) value.text.resize(longest_word);
    }
    return value;
  }

  void quoted(Value& value) {
    while (at_ < text_.size() && peek() != '"') {
      if (continues()) {
        skip_continuation();
        value.text += ' ';
      } else {
        piece(value);
      }
    }
    if (at_ < text_.size()) ++at_;
  }

  // One character, or one expansion.
  void piece(Value& value) {
    if (peek() == '\\' && at_ + 1 < text_.size()) {
      value.text += peek(1);
      at_ += 2;
    } else if (peek() == '`') {
      const std::size_t end = std::min(text_.find('`', at_ + 1), text_.size());
      unknown(value, text_.substr(at_, end - at_ + 1));
      at_ = std::min(end + 1, text_.size());
    } else if (peek() == '$') {
      expansion(value);
    } else {
      value.text += peek();
      ++at_;
    }
  }

  static void unknown(Value& value, std::string_view source) {
    value.text += source;
    if (value.unresolved.empty()) value.unresolved = excerpt(source);
  }

  void expansion(Value& value) {
    const std::size_t from = at_;
    if (peek(1) == '(') {
      const std::size_t end = closing(at_ + 1, '(', ')');
      const std::string_view all = text_.substr(from, end - from);
      at_ = end;
      if (all.starts_with("$((") && all.ends_with("))")) return arithmetic(value, all);
      return unknown(value, all);
    }
    if (peek(1) == '{') {
      const std::size_t end = closing(at_ + 1, '{', '}');
      const std::string_view all = text_.substr(from, end - from);
      at_ = end;
      return braced(value, all);
    }
    const std::size_t length = name_length(text_.substr(at_ + 1));
    at_ += 1 + std::max<std::size_t>(length, at_ + 1 < text_.size() ? 1 : 0);
    variable(value, std::string(text_.substr(from + 1, length)), text_.substr(from, at_ - from));
  }

  [[nodiscard]] std::size_t closing(std::size_t from, char open, char close) const {
    int depth = 0;
    for (std::size_t i = from; i < text_.size(); ++i) {
      depth += text_[i] == open ? 1 : text_[i] == close ? -1 : 0;
      if (depth == 0) return i + 1;
    }
    return text_.size();
  }

  void variable(Value& value, const std::string& name, std::string_view source) {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return unknown(value, source);
    if (!found->second.unresolved.empty() && value.unresolved.empty()) {
      value.unresolved = found->second.unresolved;
    }
    value.text += found->second.text;
  }

  void braced(Value& value, std::string_view all) {
    const std::string_view inside = all.size() > 3 ? all.substr(2, all.size() - 3) : std::string_view{};
    const std::size_t length = name_length(inside);
    const std::string name(inside.substr(0, length));
    const std::string_view rest = inside.substr(length);
    const bool otherwise = rest.starts_with(":-") || rest.starts_with(":=");
    if (rest.empty() || (otherwise && variables_.contains(name))) return variable(value, name, all);
    const std::string_view word = otherwise ? rest.substr(2) : std::string_view{};
    if (otherwise && word.find_first_of("$`") == std::string_view::npos) {
      value.text += word.size() > 1 && word.front() == '"' && word.back() == '"'
                        ? word.substr(1, word.size() - 2)
                        : word;
      return;
    }
    unknown(value, all);
  }

  void arithmetic(Value& value, std::string_view all) {
    std::string sum;
    const std::string_view inside = all.substr(3, all.size() - 5);
    for (std::size_t i = 0; i < inside.size();) {
      if (inside[i] == '$' || inside[i] == '{' || inside[i] == '}') {
        ++i;
        continue;
      }
      const std::size_t length = name_length(inside.substr(i));
      if (length == 0 || (inside[i] >= '0' && inside[i] <= '9')) {
        sum += inside[i++];
        continue;
      }
      const auto found = variables_.find(std::string(inside.substr(i, length)));
      if (found == variables_.end() || !found->second.unresolved.empty()) return unknown(value, all);
      sum += found->second.text;
      if (sum.size() > longest_word) return unknown(value, all);
      i += length;
    }
    const auto result = whole_arithmetic(sum);
    if (!result) return unknown(value, all);
    value.text += std::to_string(*result);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_array_ = false;
  std::map<std::string, Value> variables_;
  std::vector<Word> words_;
  std::size_t bytes_ = 0;
};

std::string option_name(std::string_view word) {
  std::string name(word.substr(2, word.find('=') - std::min<std::size_t>(2, word.size())));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// `#SBATCH --nodes=16`: what a batch system is asked for stands in comments.
void read_sbatch(std::string_view text, const std::string& file, const LineIndex& lines, Settings& settings) {
  constexpr std::string_view mark = "#SBATCH --";
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    const std::string_view line = text.substr(at + mark.size(), end - at - mark.size());
    const std::size_t split = std::min(line.find_first_of("= "), line.size());
    std::string_view value = split < line.size() ? line.substr(split + 1) : std::string_view{};
    value = value.substr(0, value.find_first_of(" \t#"));
    Setting setting{
        "sbatch." + std::string(line.substr(0, split)), std::string(value), {file, 0, 0, ""}, "", false};
    lines.locate(text, at, setting.place);
    settings.add(std::move(setting));
  }
}

}  // namespace

Result<std::vector<Word>> shell_words(std::string_view text) {
  if (text.size() > longest_script) {
    return error("the script is too long", "a launch script or list of arguments has at most 1 MiB");
  }
  return Script(text).words();
}

Result<Settings> shell_settings(const std::string& text, const std::string& file) {
  Settings settings;
  const LineIndex lines(text);
  read_sbatch(text, file, lines, settings);
  const Result<std::vector<Word>> found = shell_words(text);
  if (!found) return found.errors();
  const std::vector<Word>& words = *found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (!word.text.starts_with("--") || word.text.size() < 3) continue;
    Setting setting{option_name(word.text), {}, {file, 0, 0, ""}, "", false};
    lines.locate(text, word.offset, setting.place);
    const std::size_t equals = word.text.find('=');
    if (equals != std::string::npos) {
      setting.value = word.text.substr(equals + 1);
      setting.unresolved = word.unresolved;
      settings.add(std::move(setting));
      continue;
    }
    json::Array values;
    // what a launcher starts is no value of its last option
    const auto is_value = [](const Word& next) {
      return !next.text.starts_with("--") && !next.text.ends_with(".py");
    };
    while (!words[i].ends_command && i + 1 < words.size() && is_value(words[i + 1])) {
      ++i;
      values.emplace_back(words[i].text);
      if (setting.unresolved.empty()) setting.unresolved = words[i].unresolved;
    }
    if (values.size() == 1) setting.value = values.front();
    if (values.size() > 1) setting.value = std::move(values);
    settings.add(std::move(setting));
  }
  return settings;
}

}  // namespace scaleplan::interop
