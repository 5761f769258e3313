#ifndef CONVEYOR_TESTS_CHAOS_SENDER_H_
#define CONVEYOR_TESTS_CHAOS_SENDER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"

namespace conveyor::tests {

struct SenderOptions {
  int messages = 0;  ///< numbered from 0
  int partitions = 4;
  int per_second = 1'000;
  int keys_per_partition = 1;
  /// What Image.source of a message says; see chaos_service.cc.
  std::function<std::string(int id)> source = {};
};

/// What became of the sends.
struct SendReport {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;  ///< by a full queue; sent again until accepted
  int not_resolved_once = 0;  ///< messages whose send was not resolved, or more than once
};

/// Sends numbered messages at a pace, on a thread of its own: message i to partition i % partitions, keyed.
///
/// Thread safety: one thread at a time.
class Sender {
 public:
  Sender(const Config& config, const std::string& topic, SenderOptions options);

  /// From now on.
  void pace(int per_second) { per_second_ = per_second; }
  /// The sender waits before message number `id`; at first it may send all.
  void pause_at(int id) { pause_at_ = id; }
  [[nodiscard]] int sent() const { return sent_; }

  /// Waits until all are sent and resolved. @throws std::runtime_error when they are not in time
  SendReport finish(std::chrono::milliseconds within);

 private:
  void send_all(const std::stop_token& stop, const std::string& topic);

  const SenderOptions options_;
  std::atomic<int> per_second_;
  std::atomic<int> pause_at_;
  std::atomic<int> sent_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::atomic<std::uint8_t>> resolved_;
  Producer producer_;
  std::jthread thread_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_SENDER_H_
