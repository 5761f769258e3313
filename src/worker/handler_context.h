#ifndef CONVEYOR_SRC_WORKER_HANDLER_CONTEXT_H_
#define CONVEYOR_SRC_WORKER_HANDLER_CONTEXT_H_

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codec/trace.h"
#include "conveyor/context.h"
#include "worker/run.h"

namespace conveyor::worker {

/// Waits until an input is done, and hands it to the Run then.
class InputCompletion final : public Completion {
 public:
  InputCompletion(Run& run, Task task) : run_(run), task_(std::move(task)) {}

  [[nodiscard]] const Task& task() const noexcept { return task_; }
  /// Lets the next record of the ordering key be handled. Call it before the handler's own arrive().
  void release_order() { task_.release_order(); }
  /// Keeps an output for the transaction that commits the input. Called on the handler's thread.
  void keep(kafka::ProducerRecord::Ptr output) { outputs_.push_back(std::move(output)); }
  /// Forgets the kept outputs and the refused send, because the handler is called again.
  void begin_anew() noexcept {
    outputs_.clear();
    refused_.reset();
  }

  /// Remembers that a send was refused. The handler gets an exception for it. Called on the handler's thread.
  void record_refusal(Failure why) {
    if (why.cause != Cause::kRecord) refused_ = std::move(why);
  }
  /// Why the input failed when the handler threw `failure`. After a refused send that is the
  /// cause, whatever the handler throws.
  [[nodiscard]] Failure blame(Failure failure) const {
    if (!refused_ || failure.code == errc::decode) return failure;
    Failure refused = *refused_;
    refused.text += fmt::format(" ({})", failure.text);
    return refused;
  }

 private:
  void end(std::optional<Failure> failure) override {
    run_.end(std::move(task_), std::move(outputs_), std::move(failure));
  }

  Run& run_;
  Task task_;
  Outputs outputs_;
  std::optional<Failure> refused_;
};

/// The Context of one handler call.
class HandlerContext final : public Context {
 public:
  HandlerContext(Run& run, std::shared_ptr<InputCompletion> completion, const Record& record, codec::Trace trace);

  [[nodiscard]] bool has_trace() const noexcept { return !trace_.empty(); }
  /// Continues the trace that the message names. The message is decoded after this context was made.
  void continue_trace(codec::Trace trace) { trace_ = std::move(trace); }

  [[nodiscard]] std::optional<std::string_view> key() const noexcept override { return key_; }
  [[nodiscard]] int attempt() const noexcept override { return attempt_; }
  [[nodiscard]] std::stop_token stop() const noexcept override { return stop_; }

 private:
  void send_erased(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
                   const detail::StampTarget& stamp, const SendOptions& options) override;

  Run& run_;
  const std::shared_ptr<InputCompletion> completion_;
  const std::optional<std::string> key_;  // a copy, because the handler's message takes the record
  codec::Trace trace_;
  const int attempt_;
  const std::stop_token stop_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_HANDLER_CONTEXT_H_
