#ifndef CONVEYOR_SRC_CONSUME_STALL_CHECK_H_
#define CONVEYOR_SRC_CONSUME_STALL_CHECK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "consume/member_context.h"
#include "consume/partition_lookup.h"
#include "consume/replaced_log_check.h"
#include "consume/stall_watch.h"

namespace conveyor::worker {

/// Asks for the log ends of partitions that deliver no records. A client that stands still while the logs have more is
/// to be replaced; StallWatch decides. For such a partition no commit asks whether its topic was recreated, so this
/// class asks for that too.
class StallCheck {
 public:
  StallCheck(const MemberContext& member, ReplacedLogCheck& logs, const MakeLookup& make_lookup)
      : member_(member), logs_(logs), ends_(make_lookup()), watch_(member.options.stalled_after) {}

  /// @return why the client must be replaced; nothing when it need not be
  [[nodiscard]] std::optional<std::string> check(MemberClock::time_point now);
  /// The partition was revoked.
  void forget(const kafka::TopicPartition& where) { watch_.forget(key_of(where)); }
  /// The client that was asked was replaced.
  void forget_answers() noexcept { ends_->forget(); }

 private:
  using Key = std::pair<std::string_view, std::int32_t>;
  [[nodiscard]] static Key key_of(const kafka::TopicPartition& where) { return {where.topic, where.partition}; }

  void ask();
  [[nodiscard]] std::optional<std::string> on_answer(const PartitionLookup::Question& asked,
                                                     MemberClock::time_point now);

  const MemberContext member_;
  ReplacedLogCheck& logs_;
  const std::unique_ptr<PartitionLookup> ends_;
  StallWatch<Key> watch_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STALL_CHECK_H_
