#ifndef CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_
#define CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "conveyor/worker.h"

namespace conveyor::worker {

/// A channel's handler on one thread, with middleware around it and decoding inside.
class HandlerChain {
 public:
  /// Fills the value; without one record.error says why.
  using Decode = std::function<void(Record& record, google::protobuf::Message& value)>;

  /// @throws Error with errc::invalid_config when middleware returns no handler
  HandlerChain(std::unique_ptr<detail::ErasedHandler> handler, std::span<const Middleware> middleware);
  HandlerChain(const HandlerChain&) = delete;
  HandlerChain& operator=(const HandlerChain&) = delete;

  /// Handles a record that is described but not decoded. @throws what leaves the outermost of the chain
  void operator()(const Record& record, Context& context, const Decode& decode);
  /// Why the record of the last call could not be decoded, if that was so.
  [[nodiscard]] const std::optional<std::string>& undecodable() const noexcept { return undecodable_; }
  [[nodiscard]] detail::ErasedHandler& handler() noexcept { return *handler_; }

 private:
  void innermost(const Record& record, Context& context);

  const std::unique_ptr<detail::ErasedHandler> handler_;
  RecordHandler outermost_;
  const Decode* decode_ = nullptr;  // of the record in hand
  Record shown_;                    // to the handler, which takes it
  std::optional<std::string> undecodable_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_
