#ifndef CONVEYOR_SRC_CONSUME_MISSING_TOPICS_H_
#define CONVEYOR_SRC_CONSUME_MISSING_TOPICS_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "consume/member_context.h"
#include "consume/replaced_log_check.h"
#include "consume/startup_watch.h"

namespace conveyor::worker {

/// Checks whether the topics of a member exist: reports a missing one, asks the cluster to create it where the cluster
/// does that, and ends a member that waited too long.
class MissingTopics {
 public:
  MissingTopics(const MemberContext& member, ReplacedLogCheck& logs)
      : member_(member), logs_(logs), startup_(member.clock.now(), member.options.topic_timeout) {}

  /// The client reported that a topic does not exist. @param topic empty: the text names it
  void on_missing(std::string_view topic, std::string_view text);
  void on_assigned(std::span<const kafka::Assigned> partitions);
  /// Asks for the topics when nothing was assigned for a while. Ends the member when its patience is over, or when the
  /// brokers refuse its client.
  void check(MemberClock::time_point now);
  /// When to call check() next.
  [[nodiscard]] std::optional<MemberClock::time_point> due() const noexcept { return startup_.due(); }

 private:
  [[nodiscard]] std::string_view topic_named_in(std::string_view text) const;
  void on_missing(std::string_view topic);
  void ask();
  void look();
  /// Asks until the topic exists, if asking creates it.
  [[nodiscard]] rd_kafka_resp_err_t look_for(const std::string& topic);
  [[nodiscard]] std::optional<Error> failure_of(const std::string& topic, rd_kafka_resp_err_t error) const;

  const MemberContext member_;
  ReplacedLogCheck& logs_;
  StartupWatch startup_;
  std::set<std::string, std::less<>> missing_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_MISSING_TOPICS_H_
