#include "consume/member_events.h"

#include <fmt/format.h>

#include "kafka/errors.h"
#include "kafka/group_errors.h"

namespace conveyor::worker::member_events {
namespace {

void log(Reporter& to, Severity severity, std::string_view text) { to.log(severity, "conveyor", text); }

void report(Reporter& to, Event::Kind kind, const TopicPartition& where, std::int64_t offset, Severity severity,
            std::string_view text) {
  to.report({.kind = kind, .topic = where.topic, .partition = where.partition, .offset = offset, .text = text},
            severity);
}

}  // namespace

void assigned(Reporter& to, const TopicPartition& where, std::optional<std::int64_t> committed) {
  report(to, Event::Kind::kAssigned, where, committed.value_or(-1), Severity::kInfo,
         fmt::format("assigned {} [{}], {}", where.topic, where.partition,
                     committed ? fmt::format("reading from offset {}", *committed) : "without a committed offset"));
}

void revoked(Reporter& to, const TopicPartition& where, std::size_t unfinished) {
  report(to, Event::Kind::kRevoked, where, -1, Severity::kInfo,
         fmt::format("revoked {} [{}]; {} unfinished records are left to its next owner", where.topic, where.partition,
                     unfinished));
}

void lost(Reporter& to, const TopicPartition& where, std::size_t unfinished) {
  report(to, Event::Kind::kLost, where, -1, Severity::kWarning,
         fmt::format("lost {} [{}] to another member, which handles its {} unfinished records again", where.topic,
                     where.partition, unfinished));
}

void left_behind(Reporter& to) {
  log(to, Severity::kWarning,
      "the group continued without this member; what it had not committed is handled again. If its machine was too "
      "busy to answer in time, raise the Kafka property session.timeout.ms (with group.protocol=consumer the brokers' "
      "group.consumer.session.timeout.ms)");
}

void leaving_not_confirmed(Reporter& to) {
  log(to, Severity::kWarning,
      "leaving the group was not confirmed in time; the group may keep this member's partitions until "
      "session.timeout.ms is over");
}

void topic_missing(Reporter& to, std::string_view topic, std::string_view bootstrap_servers, bool created) {
  to.report({.kind = Event::Kind::kTopicMissing,
             .topic = topic,
             .error = errc::unknown_topic,
             .text = fmt::format("topic {} does not exist on {} yet; {}", topic, bootstrap_servers,
                                 created ? "asking the cluster to create it" : "waiting for it")},
            created ? Severity::kInfo : Severity::kWarning);
}

void partition_error(Reporter& to, const TopicPartition& where, std::int64_t offset, rd_kafka_resp_err_t error,
                     std::string_view text) {
  to.report({.kind = Event::Kind::kClientError,
             .topic = where.topic,
             .partition = where.partition,
             .offset = offset,
             .error = kafka::errc_of(error, errc::retryable),
             .text = fmt::format("{} [{}] at offset {}: {}", where.topic, where.partition, offset, text)},
            Severity::kWarning);
}

void topic_error(Reporter& to, std::string_view topic, rd_kafka_resp_err_t error, std::string_view text) {
  to.report({.kind = Event::Kind::kClientError,
             .topic = topic,
             .error = kafka::errc_of(error, errc::retryable),
             .text = text},
            Severity::kWarning);
}

std::string commit_failed(Reporter& to, rd_kafka_resp_err_t error) {
  const bool lost = kafka::means_lost(error) && !kafka::means_next_generation(error);
  std::string text =
      fmt::format("the offset commit failed: {}; {}", rd_kafka_err2str(error),
                  lost ? "the partitions belong to another member now" : "the offsets are committed again later");
  to.report({.kind = Event::Kind::kCommitFailed, .error = kafka::errc_of(error, errc::retryable), .text = text},
            Severity::kWarning);
  return text;
}

void metadata_shortened(Reporter& to, std::size_t bytes) {
  log(to, Severity::kWarning,
      bytes > 0
          ? "the brokers accept less than 4096 bytes of commit metadata: records that finished out of order may be "
            "handled again after a restart; raise the brokers' offset.metadata.max.bytes"
          : "the brokers accept hardly any commit metadata: a record that kills the process will not be "
            "recognised; raise the brokers' offset.metadata.max.bytes");
}

void expired(Reporter& to, const TopicPartition& where, const OffsetRange& deleted) {
  report(to, Event::Kind::kExpired, where, deleted.first, Severity::kError,
         fmt::format("{} [{}]: offsets {} to {} were deleted before they were read; keep the topic's records for "
                     "longer (retention.ms, retention.bytes), or add consumers",
                     where.topic, where.partition, deleted.first, deleted.end - 1));
}

void lagging_broker(Reporter& to, const TopicPartition& where, std::int64_t position) {
  log(to, Severity::kWarning,
      fmt::format("{} [{}]: a broker that lags behind denied offset {}, which exists; reading goes on there",
                  where.topic, where.partition, position));
}

void log_is_shorter(Reporter& to, const TopicPartition& where, std::int64_t position, std::int64_t end,
                    milliseconds believed_after) {
  log(to, Severity::kWarning,
      fmt::format(
          "{} [{}]: the log ends at offset {}, below the read position {}; if that lasts for {} ms, the topic is "
          "taken for recreated and read from its beginning",
          where.topic, where.partition, end, position, believed_after.count()));
}

void log_replaced(Reporter& to, const ReplacedLog& replaced) {
  const auto& [topic, number] = replaced.where;
  std::string text;
  if (replaced.committed) {
    text = fmt::format(
        "{} [{}]: the log ends at offset {}, below the read position {}: the topic was deleted and recreated, or lost "
        "records; reading it from its beginning",
        topic, number, replaced.end, replaced.position);
  } else if (replaced.was_committed) {
    text = fmt::format(
        "{} [{}]: the group's committed offset is gone, and the read position is {}: the topic was deleted and "
        "recreated; reading it from its beginning",
        topic, number, replaced.position);
  } else {
    text = fmt::format(
        "{} [{}]: offset {} was denied, or the topic was missing, before anything was committed: the topic may have "
        "been recreated; reading it from where reading began",
        topic, number, replaced.position);
  }
  report(to, Event::Kind::kLogReplaced, replaced.where, replaced.position, Severity::kError, text);
}

void probing(Reporter& to, const TopicPartition& where, std::int64_t from) {
  report(
      to, Event::Kind::kProbing, where, from, Severity::kWarning,
      fmt::format("{} [{}]: a process died while it handled records of this partition; records from offset {} on are "
                  "handled one at a time, to find out whether one of them kills the process",
                  where.topic, where.partition, from));
}

void on_probation(Reporter& to, const TopicPartition& where, std::int64_t offset, milliseconds time) {
  log(to, Severity::kWarning,
      fmt::format(
          "{} [{}] at offset {}: a process died while it handled only this record; no record is begun for {} ms "
          "(WorkerOptions::crash_probation), to see whether the process survives without it",
          where.topic, where.partition, offset, time.count()));
}

std::string too_many_condemned(const TopicPartition& where, std::int64_t offset, int condemned) {
  return fmt::format(
      "{} [{}] at offset {}: processes died on this record too, as on {} others of the partition within an hour; the "
      "service itself is more likely at fault than so many records. Find out why it dies; with "
      "WorkerOptions::crash_attempts = 0 a record is handled again, however often the process dies",
      where.topic, where.partition, offset, condemned);
}

void client_broken(Reporter& to, std::string_view why, milliseconds recreated_in) {
  log(to, Severity::kError,
      fmt::format("the consumer's Kafka client failed permanently and is recreated in {} ms: {}", recreated_in.count(),
                  why));
}

void client_recreated(Reporter& to, std::string_view why) {
  to.report({.kind = Event::Kind::kRecovered,
             .error = errc::fatal,
             .text = fmt::format("the consumer's Kafka client was recreated: {}", why)},
            Severity::kWarning);
}

std::string stalled(const TopicPartition& where, std::int64_t position, std::int64_t end, milliseconds time) {
  return fmt::format(
      "{} [{}]: no record arrived for {} ms, although the log ends at offset {} and the read position is {}",
      where.topic, where.partition, time.count(), end, position);
}

}  // namespace conveyor::worker::member_events
