#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace scaleplan {

/// Things that one thread uses at a time, made when none is idle. Thread-safe; copies share what is idle.
template <class T>
class Pool {
  struct State {
    explicit State(std::function<T()> function) : make(std::move(function)) {}

    std::unique_ptr<T> take() {
      {
        const std::scoped_lock lock(mutex);
        if (!idle.empty()) {
          std::unique_ptr<T> kept = std::move(idle.back());
          idle.pop_back();
          return kept;
        }
      }
      return std::make_unique<T>(make());
    }
    void put(std::unique_ptr<T> one) {
      const std::scoped_lock lock(mutex);
      idle.push_back(std::move(one));
    }

    std::function<T()> make;
    std::mutex mutex;
    std::vector<std::unique_ptr<T>> idle;
  };

 public:
  /// `make` may be called by several threads at once.
  explicit Pool(std::function<T()> make) : state_(std::make_shared<State>(std::move(make))) {}

  /// One of them, which goes back at the end of the lease's life.
  class Lease {
   public:
    explicit Lease(const Pool& owner) : state_(owner.state_), held_(state_->take()) {}
    ~Lease() { state_->put(std::move(held_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    T* operator->() const { return held_.get(); }
    T& operator*() const { return *held_; }

   private:
    std::shared_ptr<State> state_;
    std::unique_ptr<T> held_;
  };

 private:
  std::shared_ptr<State> state_;
};

}  // namespace scaleplan
