#include <mutex>

#include "scaleplan/expr/program.hpp"

namespace scaleplan::expr {

struct Workspaces::Idle {
  std::mutex mutex;
  std::vector<Workspace> list;
};

Workspaces::Workspaces(Program program) : program_(std::move(program)), idle_(std::make_shared<Idle>()) {}

Workspace Workspaces::take() const {
  {
    const std::scoped_lock lock(idle_->mutex);
    if (!idle_->list.empty()) {
      Workspace kept = std::move(idle_->list.back());
      idle_->list.pop_back();
      return kept;
    }
  }
  return Workspace(program_);
}

Workspaces::Lease::Lease(const Workspaces& owner) : owner_(owner), workspace_(owner.take()) {}

Workspaces::Lease::~Lease() {
  const std::scoped_lock lock(owner_.idle_->mutex);
  owner_.idle_->list.push_back(std::move(workspace_));
}

}  // namespace scaleplan::expr
