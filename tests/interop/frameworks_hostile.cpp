#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "interop/frameworks_support.hpp"
#include "interop/launch/settings.hpp"
#include "interop/launch/shell.hpp"

using namespace scaleplan;
using namespace scaleplan::interop;

namespace {

// The files that are written for one proposal, as seeds of broken ones.
std::vector<LaunchFile> seeds() {
  std::vector<LaunchFile> all;
  model::Proposal p = dense_proposal();
  p.layout = model::Layout{.dp = 64, .zero = 3};
  p.deployment = model::Deployment{.device = "h100-sxm-80", .tp = 8};
  for (const Framework& each : frameworks()) {
    for (LaunchFile& file : written(p, each.id)) all.push_back(std::move(file));
  }
  all.push_back({"proposal.json", json::write(proposal_to_json(p))});
  return all;
}

std::string broken(std::string text, std::mt19937& random) {
  static const std::string bytes =
      "{}[]()$\"'`\\#=:,-.0129eE \n\t*&|~\x01\xff\xc3"
      "ab";
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (std::size_t changes = 1 + below(8); changes > 0; --changes) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text.insert(at, 1, bytes[below(bytes.size())]);
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text[at] = bytes[below(bytes.size())];
        break;
      default:
        text.insert(below(text.size()), text.substr(at, below(60)));
    }
    if (text.empty()) text = "x";
  }
  return text;
}

}  // namespace

TEST_CASE("broken files end in a proposal or in errors with a file") {
  std::mt19937 random(1);
  const Files files{{"config.json", R"({"model_type":"llama"})"},
                    {"accelerate.yaml", "distributed_type: FSDP\n"}};
  std::size_t refusals = 0;
  std::size_t readings = 0;
  for (const LaunchFile& seed : seeds()) {
    for (int i = 0; i < 60; ++i) {
      const std::string text = broken(seed.text, random);
      const Result<model::Proposal> found = read(text, seed.name, "", files);
      readings += found ? 1U : 0U;
      if (found) continue;
      ++refusals;
      for (const Diagnostic& each : found.errors()) {
        INFO(text << "\n" << to_text(each));
        CHECK_FALSE(each.message.empty());
        CHECK_FALSE(each.place.file.empty());
      }
    }
  }
  CHECK(refusals > 100);
  CHECK(readings > 100);
}

TEST_CASE("every reader refuses what is too long, too deep or no text") {
  const std::string long_word(100000, 'x');
  for (const Framework& each : frameworks()) {
    if (!each.reads) continue;
    const std::string as(each.id);
    INFO(as);
    CHECK_THAT(refused(std::string(100U << 20U, 'a'), "f", as), Catch::Contains("at most 32 MiB"));
    CHECK_THAT(refused(std::string("a\0b", 3), "f", as), Catch::Contains("f:1"));
    CHECK_THAT(refused("a: \xc3\x28", "f", as), Catch::Contains("no UTF-8"));
    CHECK_THAT(refused("", "f", as), Catch::Contains("empty"));
    const std::string answer = refused("--x=" + long_word + "\n" + long_word, "f", as);
    CHECK(answer.size() < 20000);  // messages quote excerpts
  }
  CHECK_THAT(refused("{\"zero_optimization\": " + std::string(1000, '['), "d"), Catch::Contains("d:1"));
  std::string deep = "trainer:\n  devices: 1\nmodel:\n  encoder_seq_length: 1\n";
  for (int i = 0; i < 100; ++i) deep += std::string(static_cast<std::size_t>(2 + i), ' ') + "a:\n";
  deep += std::string(102, ' ') + "1\n";
  CHECK_THAT(refused(deep, "d.yaml"), Catch::Contains("64 levels"));
}

TEST_CASE("nesting of every kind ends in an error") {
  const auto times = [](const std::string& piece, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += piece;
    return all;
  };
  const std::string yaml = "tensor_model_parallel_size: 1\nx: ";
  for (const char* piece : {"[", "{a: ", "&a ", "!!x ", "- ", "? ", "- ? ", "[[],"}) {
    INFO(piece);
    CHECK_THAT(refused(yaml + times(piece, 100000), "t.yaml"), Catch::Contains("t.yaml"));
    CHECK_THAT(refused("tensor_model_parallel_size: 1\nx:\n  " + times(piece, 100000), "t.yaml"),
               Catch::Contains("t.yaml"));
  }
  CHECK_THAT(refused("tensor_model_parallel_size: 1\nx: &a [*a, *a]\n", "t.yaml"),
             Catch::Contains("t.yaml:2"));
  const std::string toml = "[training]\n[model]\n";
  for (const char* piece : {"a.", "a . ", "'a'."}) {
    CHECK_THAT(refused(toml + times(piece, 100000) + "b = 1\n", "t.toml"), Catch::Contains("64 parts"));
    CHECK_THAT(refused(toml + "[" + times(piece, 100000) + "b]\n", "t.toml"), Catch::Contains("64 parts"));
    CHECK_THAT(refused(toml + "x = {" + times(piece, 100000) + "b = 1}\n", "t.toml"),
               Catch::Contains("64 parts"));
  }
  CHECK_THAT(refused(toml + "x = " + times("{a = ", 100000), "t.toml"), Catch::Contains("no TOML"));
  CHECK_THAT(refused(toml + "x = '''" + std::string(5U << 20U, 'x') + "'''\n", "t.toml"),
             Catch::Contains("4 MiB"));
  std::string many =
      "pretrain_gpt.py --num-layers 2 --hidden-size 64 --num-attention-heads 4 --seq-length 8 --vocab-size 9";
  for (int i = 0; i < 1000; ++i) many += fmt::format(" --knob{}", i);
  const model::Proposal p = proposed(many, "t.sh");
  CHECK(p.notices.size() == 51);
  CHECK_THAT(p.notices.back().text, Catch::Contains("950 further keys"));
}

TEST_CASE("words of a script") {
  const auto words = [](const std::string& text) {
    std::string all;
    const auto found = shell_words(text);
    if (!found) throw std::runtime_error(told(found.errors()));
    for (const Word& word : *found)
      all += word.text + (word.unresolved.empty() ? "" : "?") + (word.ends_command ? ";" : " ");
    return all;
  };
  CHECK(words("a 'b c' \"d $X\" e\\ f # g\nh") == "a b c d $X? e f;h;");
  CHECK(words("X=3; Y=$((X * (2 + $X) - 7 / 2))\necho ${X} $Y ${Z:-5} ${Z:=6} ${#X}") ==
        "echo 3 12 5 6 ${#X}?;");
  CHECK(words("A=(--x 1\n--y 2)\nA+=(--z)\nrun \"${A[@]}\"") == "--x 1 --y 2;--z;run;");
  CHECK(words("B=\"--x 1 --y 2\"\nrun $B") == "--x 1 --y 2;run;");
  CHECK(words("echo $(ls | wc) `pwd` $((1/0))") == "echo $(ls | wc)? `pwd`? $((1/0))?;");
  CHECK(words("N=9223372036854775807\necho $((N+1)) $((N*2)) $((N%10))") == "echo $((N+1))? $((N*2))? 7;");
}
