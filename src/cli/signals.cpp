#include "cli/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace scaleplan::cli {
namespace {

constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP};
constexpr std::int64_t one_stroke_ns = 500'000'000;  // timeout(1) and some shells send a signal twice
std::atomic<int> arrived = 0;
std::atomic<std::int64_t> arrived_ns = 0;
std::array<int, 2> channel = {-1, -1};

std::int64_t now_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// only what is safe inside a signal handler; the watching thread does the rest
void note_signal(int number) {
  const int saved = errno;
  if (arrived == 0) {
    arrived_ns = now_ns();
    arrived = number;
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = write(channel[1], &byte, 1);
  } else if (now_ns() - arrived_ns > one_stroke_ns) {
    std::signal(number, SIG_DFL);  // somebody insists
    [[maybe_unused]] const int raised = std::raise(number);
  }
  errno = saved;
}

void watch(const std::stop_source& source) {
  char byte = 0;
  while (read(channel[0], &byte, 1) < 0 && errno == EINTR) {
  }
  if (arrived != 0) {
    source.request_stop();
  }
}

}  // namespace

int interrupted_by() {
  return arrived;
}

Interrupts::Interrupts() {
  if (pipe2(channel.data(), O_CLOEXEC) != 0) {
    return;  // without a channel the default action of the signals stays
  }
  sigset_t set;
  sigemptyset(&set);
  for (const int number : signals) {
    sigaddset(&set, number);
  }
  // the watcher must not take the signal itself: a read of the main thread is to be interrupted by it
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &set, &before);
  watcher_ = std::thread(watch, source_);
  for (const int number : signals) {
    struct sigaction action = {};
    struct sigaction old = {};
    sigaction(number, nullptr, &old);
    if (old.sa_handler == SIG_IGN) {
      continue;  // nohup, or a shell's background job
    }
    action.sa_handler = note_signal;
    sigaction(number, &action, nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Interrupts::~Interrupts() {
  if (!watcher_.joinable()) {
    return;
  }
  for (const int number : signals) {
    struct sigaction now = {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler == note_signal) {
      std::signal(number, SIG_DFL);
    }
  }
  close(channel[1]);
  watcher_.join();
  close(channel[0]);
}

}  // namespace scaleplan::cli
