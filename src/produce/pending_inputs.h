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

/// Inputs that are done while sends made for them may still fail: which of them are finished, and which come again.
///
/// A decision without threads or broker. Sends have numbers that rise from 1; an input waits for all up to its number.
template <class Input>
class PendingInputs {
 public:
  struct Failure {
    std::uint64_t send = 0;
    std::error_code code = {};
    std::string text = {};
  };

  /// An input is done. @param last the number of the last send begun; never below that of an input before
  void add(Input input, std::uint64_t last) { waiting_.push_back({std::move(input), last}); }

  /// A send failed; said before resolved() reaches its number. @return whether failure() has changed
  bool failed(std::uint64_t send, std::error_code code, std::string text) {
    if (send <= forgiven_ || (failure_ && failure_->send < send)) return false;
    failure_ = Failure{send, code, std::move(text)};
    return true;
  }

  /// The next input that is finished, if the sends to here are resolved.
  [[nodiscard]] std::optional<Input> next_finished(std::uint64_t resolved) {
    if (waiting_.empty() || waiting_.front().last > resolved) return {};
    if (failure_ && failure_->send <= waiting_.front().last) return {};
    Input input = std::move(waiting_.front().input);
    waiting_.pop_front();
    return input;
  }

  /// The first send that failed and is not forgiven.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

  /// All inputs that are not finished, in their order: they will be handled again, so that what becomes of the sends
  /// made for them until now is not asked any more. @param last the number of the last send begun
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
