#include "kafka/group_errors.h"

namespace conveyor::kafka {
namespace {

constexpr int kUnsupportedVersion = 35;
constexpr int kUnreleasedInstanceId = 111;
constexpr int kUnsupportedAssignor = 112;

}  // namespace

GroupErrorMeaning meaning_of(rd_kafka_resp_err_t error) noexcept {
  using Action = GroupErrorMeaning::Action;
  switch (static_cast<int>(error)) {
    case RD_KAFKA_RESP_ERR__FATAL:
      return {Action::kRecreate, errc::fatal};
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return {Action::kEnd, errc::fatal,
              "another member of the group uses this group.instance.id: give each member its own"};
    case kUnreleasedInstanceId:
      return {Action::kInstanceInUse, errc::fatal,
              "another member of the group uses this group.instance.id: give each member its own"};
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return {Action::kEnd, errc::not_authorized, "check the rights of this user to read the group and its topics"};
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return {Action::kEnd, errc::invalid_config,
              "set the Kafka property session.timeout.ms between the brokers' group.min.session.timeout.ms and "
              "group.max.session.timeout.ms"};
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return {Action::kEnd, errc::invalid_config,
              "the group's other members use another partition.assignment.strategy: use theirs, or another "
              "Config::group"};
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
      return {Action::kEnd, errc::invalid_config, "change Config::group (CONVEYOR_GROUP)"};
    case kUnsupportedVersion:
      return {Action::kEnd, errc::invalid_config,
              "the brokers do not support the Kafka property group.protocol as it is set: set it to classic, or have "
              "group.version raised on brokers of version 4 or newer"};
    case kUnsupportedAssignor:
      return {Action::kEnd, errc::invalid_config,
              "the brokers do not have the assignor that the Kafka property group.remote.assignor names: set it to one "
              "of their group.consumer.assignors (uniform, range), or leave it out"};
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return {Action::kTopicMissing, errc::unknown_topic};
    default:
      return {};
  }
}

bool ends_member(rd_kafka_resp_err_t error) noexcept {
  const auto action = meaning_of(error).action;
  return action == GroupErrorMeaning::Action::kEnd || action == GroupErrorMeaning::Action::kInstanceInUse;
}

std::optional<errc> commit_never_accepted(rd_kafka_resp_err_t error) noexcept {
  const GroupErrorMeaning meaning = meaning_of(error);
  return meaning.code == errc::not_authorized ? std::optional(meaning.code) : std::nullopt;
}

}  // namespace conveyor::kafka
