#ifndef CONVEYOR_SRC_WORKER_DRIVEN_DRIVEN_RUN_H_
#define CONVEYOR_SRC_WORKER_DRIVEN_DRIVEN_RUN_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/counters.h"
#include "conveyor/dead_letters.h"
#include "conveyor/export.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"

namespace conveyor::worker {

/// A worker's Run over memory instead of brokers, on the calling thread. Its clock advances by itself where a real run
/// would wait. Decoding, middleware, retries, dead letters, encoding, order and commits are the Run's own code; nothing
/// of them is repeated here.
///
/// Topic names are those of the channels, without Config::topic_prefix.
///
/// Thread safety: one thread at a time.
class CONVEYOR_EXPORT DrivenRun {
 public:
  /// A record that the worker sent.
  struct Sent {
    std::optional<std::string> key = {};
    std::optional<std::string> value = {};  ///< the encoded bytes; nothing for a tombstone
    std::vector<Header> headers = {};
    std::int32_t partition = -1;
  };

  /// @param worker must outlive this object @throws Error as Worker::run does before it reads
  explicit DrivenRun(const Worker& worker);
  ~DrivenRun();
  DrivenRun(const DrivenRun&) = delete;
  DrivenRun& operator=(const DrivenRun&) = delete;

  /// Adds a record that is encoded as Producer::send encodes it. @throws Error as Producer::send does
  void add(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
           const detail::StampTarget& stamp, const SendOptions& options);
  /// Adds a record with these bytes.
  void add(std::string_view topic, std::optional<std::string_view> value, const SendOptions& options);
  /// Runs until all added records are done and committed. @throws Error the reason why the worker ends
  void run();
  /// Ends the run as a requested stop does.
  RunReport stop();

  [[nodiscard]] std::vector<Sent> sent(std::string_view topic) const;
  /// @return what is wrong with the bytes, or nothing
  [[nodiscard]] std::optional<std::string> decode(const Sent& sent, Codec codec, google::protobuf::Message& into) const;
  [[nodiscard]] std::vector<DeadLetter> dead_letters() const;
  [[nodiscard]] std::optional<std::int64_t> committed(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] ConsumerCounters counters() const;
  /// How long a real run would have waited.
  [[nodiscard]] std::chrono::milliseconds waited() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DRIVEN_DRIVEN_RUN_H_
