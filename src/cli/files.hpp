#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>

#include "cli/command.hpp"

namespace scaleplan::cli {

/// The whole text of a file, or of standard input for "-" (which can be read once). Errors: missing,
/// a directory, unreadable, larger than 64 MiB, a terminal. Throws Stopped when interrupted meanwhile.
Result<std::string> read_input(const std::string& path, Session& session);

/// A file, or standard input for "-", that is read piece by piece; errors as for `read_input`.
class Input {
 public:
  static Result<Input> open(const std::string& path, Session& session);
  /// Fill the front of `block`: how much; 0 at the end. Throws Stopped when interrupted.
  Result<std::size_t> read(std::span<char> block);

  Input(Input&& other) noexcept;
  Input& operator=(Input&&) = delete;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

 private:
  Input(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::string path_;
};

/// Entries of a catalogue folder: "laws/mine.json" → text.
Result<std::map<std::string, std::string>> read_catalogue(const std::string& folder);

bool is_file(const std::string& path);

/// Where the answer goes. A file is made beside its target when this is opened, so that a bad path shows
/// before any work, and takes the target's place in one step when all is written; without that step the
/// target is untouched.
class Output {
 public:
  enum class Written { all, reader_left };

  /// `path` empty: standard output.
  static Result<Output> open(const std::string& path);
  Result<Written> write(const std::string& text);

  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

 private:
  Output() = default;

  int descriptor_ = 1;
  std::string target_;
  std::string temporary_;  ///< empty: written in place
};

}  // namespace scaleplan::cli
