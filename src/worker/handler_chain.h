#ifndef CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_
#define CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "conveyor/worker.h"

namespace conveyor::worker {

/// A channel's handler on one thread. Middleware is around it; decoding happens inside, before the handler.
class HandlerChain {
 public:
  /// Fills the value. If there is none, record.error says why.
  using Decode = std::function<void(Record& record, google::protobuf::Message& value)>;

  /// @throws Error with errc::invalid_config when middleware returns no handler
  HandlerChain(std::unique_ptr<detail::ErasedHandler> handler, std::span<const Middleware> middleware);
  HandlerChain(const HandlerChain&) = delete;
  HandlerChain& operator=(const HandlerChain&) = delete;

  /// Handles a record that is filled in but not decoded. @throws what the outermost handler of the chain throws
  void operator()(const Record& record, Context& context, const Decode& decode);
  /// Why the record of the last call could not be decoded; nothing if it was decoded.
  [[nodiscard]] const std::optional<std::string>& undecodable() const noexcept { return undecodable_; }
  [[nodiscard]] detail::ErasedHandler& handler() noexcept { return *handler_; }

 private:
  void innermost(const Record& record, Context& context);

  const std::unique_ptr<detail::ErasedHandler> handler_;
  RecordHandler outermost_;
  const Decode* decode_ = nullptr;  // for the current record
  Record shown_;                    // the copy that the handler takes
  std::optional<std::string> undecodable_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_HANDLER_CHAIN_H_
