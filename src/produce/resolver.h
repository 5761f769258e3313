#ifndef CONVEYOR_SRC_PRODUCE_RESOLVER_H_
#define CONVEYOR_SRC_PRODUCE_RESOLVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "kafka/client.h"
#include "kafka/producer_record.h"
#include "produce/producer_state.h"

namespace conveyor::kafka {

/// What became of one accepted send.
struct Resolution {
  ProducerRecord* send = nullptr;
  std::int64_t offset = -1;
  std::int32_t partition = -1;
  errc code = errc::ok;
  std::unique_ptr<const std::string> text = {};  ///< with another code than ok
};

/// Tells what became of sends, each once: the log, the observer and the callback. Callbacks come before the counts, so
/// that a flush returns after them.
///
/// Thread safety: of the delivery thread, without the mutex of the state.
class Resolver {
 public:
  /// Both live longer.
  Resolver(ProducerState& state, Reporter& reporter) : state_(state), reporter_(reporter) {}

  /// No client has these sends any more: they are destroyed. Nobody is told anew of those that had expired.
  void resolve(const std::vector<Resolution>& batch);
  /// A client has them still, and they stay until it has reported, or is given up.
  void expire(const std::vector<Resolution>& batch);

 private:
  void report(const Resolution& resolution) noexcept;

  ProducerState& state_;
  Reporter& reporter_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_RESOLVER_H_
