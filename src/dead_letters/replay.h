#ifndef CONVEYOR_SRC_DEAD_LETTERS_REPLAY_H_
#define CONVEYOR_SRC_DEAD_LETTERS_REPLAY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "conveyor/config.h"
#include "conveyor/dead_letters.h"
#include "dead_letters/replay_progress.h"
#include "kafka/topic_reader.h"
#include "produce/producer_client.h"

namespace conveyor::detail {

/// Sends dead letters to the topics that they came from.
///
/// Thread safety: belongs to one thread.
class Replay {
 public:
  /// @param options, reader must outlive this object
  Replay(const Config& config, const ReplayOptions& options, kafka::TopicReader& reader);

  void send(const DeadLetter& letter);
  /// Notes a record that is not sent, so that the group's offset can move past it.
  void pass_over(const DeadLetterProblem& position);

  /// Waits until every dead letter is acknowledged or has failed. Then commits the offsets reached if there is a group.
  /// @param hurry gives up after a few seconds, as it does after a stop
  void wait_for_deliveries(bool hurry);

  [[nodiscard]] ReplayReport report(DeadLettersReport scanned) const { return progress_.report(std::move(scanned)); }

 private:
  /// A topic from which dead letters came.
  struct Origin {
    std::string_view topic = {};  // lives as long as the process
    std::int32_t partitions = 0;
    std::string problem = {};  // why nothing can be sent there
  };
  const Origin& look_up(const std::string& topic);

  const std::string bootstrap_servers_;
  const ReplayOptions& options_;
  kafka::TopicReader& reader_;
  std::map<std::string, Origin> origins_;
  ReplayProgress progress_;
  // None in a dry run. The last member: it is destroyed first, because its callbacks use the others.
  std::unique_ptr<kafka::ProducerClient> producer_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_REPLAY_H_
