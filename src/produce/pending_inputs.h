#ifndef CONVEYOR_SRC_PRODUCE_PENDING_INPUTS_H_
#define CONVEYOR_SRC_PRODUCE_PENDING_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace conveyor::detail {

/// Inputs that are done, while sends that were made for them may still fail. Decides which of them are finished, and
/// which must be handled again.
///
/// Pure: no threads, no broker. Sends have numbers that rise from 1; an input waits for all sends up to its number.
template <class Input>
class PendingInputs {
 public:
  struct Failure {
    std::uint64_t send = 0;
    std::error_code code = {};
    std::string text = {};
  };

  /// An input is done. @param last the number of the last send begun; never below that of an earlier input
  void add(Input input, std::uint64_t last) { waiting_.push_back({std::move(input), last}); }

  /// A send failed; call it before resolved() reaches its number. @return whether failure() has changed
  bool failed(std::uint64_t send, std::error_code code, std::string text) {
    if (send <= forgiven_ || (failure_ && failure_->send < send)) return false;
    failure_ = Failure{send, code, std::move(text)};
    return true;
  }

  /// The next finished input, if all sends up to `resolved` are resolved.
  [[nodiscard]] std::optional<Input> next_finished(std::uint64_t resolved) {
    if (waiting_.empty() || waiting_.front().last > resolved) return {};
    if (failure_ && failure_->send <= waiting_.front().last) return {};
    Input input = std::move(waiting_.front().input);
    waiting_.pop_front();
    return input;
  }

  /// The first failed send that take_back() has not dealt with.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

  /// Returns all unfinished inputs, in order. They will be handled again, so failures of the sends made for them until
  /// now no longer count.
  /// @param last the number of the last send begun
  [[nodiscard]] std::deque<Input> take_back(std::uint64_t last) {
    std::deque<Input> inputs;
    for (auto& one : waiting_) inputs.push_back(std::move(one.input));
    waiting_.clear();
    failure_.reset();
    forgiven_ = last;
    return inputs;
  }

 private:
  struct Waiting {
    Input input;
    std::uint64_t last = 0;
  };

  std::deque<Waiting> waiting_;
  std::optional<Failure> failure_;
  std::uint64_t forgiven_ = 0;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_PENDING_INPUTS_H_
