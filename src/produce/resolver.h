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
  std::unique_ptr<const std::string> text = {};  ///< set unless the code is ok
};

/// Reports what became of sends, each once: to the log, the observer and the callback. Callbacks run before the
/// counters change, so that a flush returns after them.
///
/// Thread safety: for the delivery thread, without the mutex of the state.
class Resolver {
 public:
  /// Both arguments must outlive this object.
  Resolver(ProducerState& state, Reporter& reporter) : state_(state), reporter_(reporter) {}

  /// For sends that no client has: they are destroyed. Sends that had expired are not reported again.
  void resolve(const std::vector<Resolution>& batch);
  /// For sends that a client still has: they are kept until the client has reported, or is given up.
  void expire(const std::vector<Resolution>& batch);

 private:
  void report(const Resolution& resolution) noexcept;

  ProducerState& state_;
  Reporter& reporter_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_RESOLVER_H_
