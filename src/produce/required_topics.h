#ifndef CONVEYOR_SRC_PRODUCE_REQUIRED_TOPICS_H_
#define CONVEYOR_SRC_PRODUCE_REQUIRED_TOPICS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/thread_annotations.h"
#include "conveyor/config.h"
#include "kafka/client.h"
#include "kafka/producer_handle.h"
#include "produce/waitable_clock.h"

namespace conveyor::kafka {

/// Topics that must exist before anything is done, and how many partitions they have.
///
/// Thread safety: all functions may be called from any thread.
class RequiredTopics {
 public:
  /// Asks the brokers once.
  using Ask = std::function<TopicAnswer(const std::string& topic)>;

  RequiredTopics(const Config& config, std::shared_ptr<const Reporter> reporter, WaitableClock& clock, Ask ask);

  /// Waits until the topic can be written to.
  /// @param topic with Config::topic_prefix
  /// @param what the purpose of the topic, and what to do when it is missing
  /// @throws Error with errc::unknown_topic, not_authorized, broker_unreachable or stopped
  void require(const std::string& topic, std::string_view what, std::chrono::milliseconds within,
               const std::stop_token& stop);
  /// For a topic that was required before. @param topic without Config::topic_prefix
  [[nodiscard]] bool partition_exists(std::string_view topic, std::int32_t partition) const;

 private:
  const std::string topic_prefix_;
  const std::string bootstrap_servers_;
  const std::shared_ptr<const Reporter> reporter_;
  WaitableClock& clock_;
  const Ask ask_;
  mutable Mutex mutex_;
  std::condition_variable pause_;  // nobody notifies it
  // by name with Config::topic_prefix
  std::map<std::string, std::int32_t, std::less<>> partitions_ CONVEYOR_GUARDED_BY(mutex_);
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_REQUIRED_TOPICS_H_
