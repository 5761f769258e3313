#include "produce/required_topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conveyor/error.h"
#include "kafka/errors.h"

namespace conveyor::kafka {

using std::chrono::milliseconds;

RequiredTopics::RequiredTopics(const Config& config, std::shared_ptr<const Reporter> reporter, WaitableClock& clock,
                               Ask ask)
    : topic_prefix_(config.topic_prefix),
      bootstrap_servers_(config.bootstrap_servers),
      reporter_(std::move(reporter)),
      clock_(clock),
      ask_(std::move(ask)) {}

void RequiredTopics::require(const std::string& topic, std::string_view what, milliseconds within,
                             const std::stop_token& stop) {
  const auto deadline = clock_.now() + std::min(within, kLongestWait);
  while (true) {
    const TopicAnswer answer = ask_(topic);
    if (answer.answered && answer.error == RD_KAFKA_RESP_ERR_NO_ERROR && answer.partitions > 0) {
      const MutexLock lock{mutex_};
      partitions_[topic] = answer.partitions;
      return;
    }
    if (stop.stop_requested()) throw Error(errc::stopped, "stopped while waiting for a topic");
    const errc code = errc_of(answer.error, errc::retryable);
    if (code == errc::not_authorized && answer.answered) {
      throw Error(code, fmt::format("topic {} on {}: {}", topic, bootstrap_servers_, rd_kafka_err2str(answer.error)));
    }
    if (clock_.now() >= deadline || (!answer.answered && reporter_->rejected())) {
      if (!answer.answered) throw unreachable(*reporter_, bootstrap_servers_, within);
      throw Error(errc::unknown_topic,
                  fmt::format("topic {} does not exist on {}: {}", topic, bootstrap_servers_, what));
    }
    MutexLock lock{mutex_};
    const auto next = clock_.now() + milliseconds(50);
    while (clock_.now() < next && !stop.stop_requested()) clock_.wait(pause_, lock, next);
  }
}

bool RequiredTopics::partition_exists(std::string_view topic, std::int32_t partition) const {
  const MutexLock lock{mutex_};
  const auto found = partitions_.find(topic_prefix_ + std::string(topic));
  return found != partitions_.end() && partition < found->second;
}

}  // namespace conveyor::kafka
