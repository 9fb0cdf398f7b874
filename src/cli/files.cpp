#include "cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/signals.hpp"

namespace scaleplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_input = 64UL << 20U;  // a parsed document takes up to 50 times its bytes

std::string reason(int code) {
  return std::generic_category().message(code);
}

Place in(const std::string& path) {
  return {.file = path, .line = 0, .column = 0, .pointer = {}};
}

/// Standard input, which can be taken once.
Result<int> take_standard_input(Session& session) {
  if (session.input_taken) {
    return error("standard input can be read only once", "give '-' once");
  }
  session.input_taken = true;
  if (isatty(STDIN_FILENO) == 1) {
    return error("standard input is a terminal", "pipe a document into this command, or name a file");
  }
  return STDIN_FILENO;
}

mode_t wanted_mode(const std::string& target) {
  struct stat status = {};
  if (stat(target.c_str(), &status) == 0) {
    return status.st_mode & 07777U;
  }
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

}  // namespace

bool is_file(const std::string& path) {
  std::error_code code;
  return fs::is_regular_file(path, code) || fs::is_fifo(path, code);
}

Result<Input> Input::open(const std::string& path, Session& session) {
  if (path == "-") {
    const Result<int> descriptor = take_standard_input(session);
    if (!descriptor) {
      return descriptor.errors();
    }
    return Input(*descriptor, path);
  }
  std::error_code code;
  if (fs::is_directory(path, code)) {
    return error("is a directory", "name a file", in(path));
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return error("cannot open: " + reason(errno), {}, in(path));
  }
  return Input(descriptor, path);
}

Result<std::size_t> Input::read(std::span<char> block) {
  while (true) {
    const ssize_t got = ::read(descriptor_, block.data(), block.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return error("cannot read: " + reason(errno), {}, in(path_));
    }
    if (interrupted_by() != 0) {
      throw Stopped{};
    }
  }
}

Input::Input(Input&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Input::~Input() {
  if (descriptor_ > STDERR_FILENO) {
    ::close(descriptor_);
  }
}

Result<std::string> read_input(const std::string& path, Session& session) {
  Result<Input> input = Input::open(path, session);
  if (!input) {
    return input.errors();
  }
  std::string text;
  std::array<char, 1U << 16U> block{};
  while (true) {
    const Result<std::size_t> got = input->read(block);
    if (!got) {
      return got.errors();
    }
    if (*got == 0) {
      return text;
    }
    text.append(block.data(), *got);
    if (text.size() > largest_input) {
      return error(fmt::format("larger than {} MiB", largest_input >> 20U), "split it or thin it out",
                   in(path));
    }
  }
}

Result<std::map<std::string, std::string>> read_catalogue(const std::string& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    return error("the catalogue is no folder", "it holds laws/*.json, devices/*.json and so on", in(folder));
  }
  std::map<std::string, std::string> out;
  Session unused;
  for (fs::directory_iterator kind(folder, code), end; !code && kind != end; kind.increment(code)) {
    if (!kind->is_directory(code)) {
      continue;
    }
    for (fs::directory_iterator entry(kind->path(), code); !code && entry != end; entry.increment(code)) {
      if (entry->path().extension() != ".json") {
        continue;
      }
      Result<std::string> text = read_input(entry->path().string(), unused);
      if (!text) {
        return text.errors();
      }
      out[kind->path().filename().string() + "/" + entry->path().filename().string()] = std::move(*text);
    }
  }
  if (code) {
    return error("cannot read the catalogue: " + code.message(), {}, in(folder));
  }
  return out;
}

Result<Output> Output::open(const std::string& path) {
  Output out;
  if (path.empty() || path == "-") {
    return out;
  }
  std::error_code code;
  const fs::path resolved = fs::weakly_canonical(path, code);
  out.target_ = code ? path : resolved.string();
  if (fs::is_directory(out.target_, code)) {
    return error("cannot write: is a directory", "name a file", in(path));
  }
  if (fs::exists(out.target_, code) && !fs::is_regular_file(out.target_, code)) {
    out.descriptor_ =
        ::open(out.target_.c_str(), O_WRONLY | O_CLOEXEC);  // a device or a pipe cannot be replaced
  } else {
    if (fs::exists(out.target_, code) && ::access(out.target_.c_str(), W_OK) != 0) {
      return error("cannot write: " + reason(errno), {}, in(path));
    }
    out.temporary_ = out.target_ + ".XXXXXX";
    out.descriptor_ = ::mkostemp(out.temporary_.data(), O_CLOEXEC);
  }
  if (out.descriptor_ < 0) {
    const int failure = errno;
    out.temporary_.clear();
    return error("cannot write: " + reason(failure), {}, in(path));
  }
  return out;
}

Output::Output(Output&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})) {}

Output::~Output() {
  if (descriptor_ > STDERR_FILENO) {
    ::close(descriptor_);
  }
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

Result<Output::Written> Output::write(const std::string& text) {
  const std::string shown = target_.empty() ? "standard output" : target_;
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor_, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) {
      if (interrupted_by() != 0) {
        throw Stopped{};
      }
      continue;
    }
    if (written < 0 && errno == EPIPE) {
      return Written::reader_left;
    }
    if (written < 0) {
      return error("cannot write: " + reason(errno), {}, in(shown));
    }
    done += static_cast<std::size_t>(written);
    if (done < text.size() && interrupted_by() != 0) {
      throw Stopped{};  // a signal ends a write early without an error
    }
  }
  if (!temporary_.empty()) {
    const bool moved = ::fchmod(descriptor_, wanted_mode(target_)) == 0 &&
                       ::rename(temporary_.c_str(), target_.c_str()) == 0;
    if (!moved) {
      return error("cannot write: " + reason(errno), {}, in(shown));
    }
    temporary_.clear();
  }
  return Written::all;
}

}  // namespace scaleplan::cli
