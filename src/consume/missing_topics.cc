#include "consume/missing_topics.h"

#include <fmt/format.h>

#include <algorithm>

#include "consume/member_events.h"
#include "kafka/errors.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTopicWithin{1'000};
constexpr milliseconds kCreatedWithin{5'000};
constexpr milliseconds kAgainAfter{100};

}  // namespace

// "Subscribed topic not available: NAME: Broker: ..." is all that the client reports about a topic it never found.
std::string_view MissingTopics::topic_named_in(std::string_view text) const {
  const auto named = [&](const std::string& topic) { return text.find(": " + topic + ": ") != std::string_view::npos; };
  const auto found = std::ranges::find_if(member_.options.topics, named);
  return found != member_.options.topics.end() ? std::string_view(*found) : std::string_view();
}

void MissingTopics::on_missing(std::string_view topic, std::string_view text) {
  on_missing(topic.empty() ? topic_named_in(text) : topic);
}

void MissingTopics::on_missing(std::string_view topic) {
  startup_.topic_missing();
  logs_.doubt_topic(topic);
  if (!missing_.emplace(topic).second) return;
  const bool create = member_.client->may_create_topics();
  member_events::topic_missing(member_.reporter, topic, member_.config.bootstrap_servers, create);
  if (!create) return;
  // In librdkafka 2.0.2 subscribing does not create topics, whatever allow.auto.create.topics is.
  for (const auto& each : member_.options.topics) {
    static_cast<void>(member_.client->ask_for_topic(each, kTopicWithin));
  }
}

void MissingTopics::on_assigned(std::span<const kafka::Assigned> partitions) {
  startup_.assigned();
  for (const auto& partition : partitions) missing_.erase(std::string(partition.where.topic));
}

void MissingTopics::check(MemberClock::time_point now) {
  if (startup_.must_ask(now)) ask();
  if (startup_.must_look(now)) look();
  if (startup_.waits() && member_.client->reporter().rejected()) {
    member_.failure.emplace(kafka::unreachable(member_.client->reporter(), member_.config.bootstrap_servers,
                                               member_.options.topic_timeout));
  }
}

// With group.protocol=consumer the client does not report topics that do not exist.
void MissingTopics::ask() {
  for (const auto& topic : member_.options.topics) {
    const errc code = kafka::errc_of(member_.client->ask_for_topic(topic, kTopicWithin), errc::ok);
    if (code == errc::unknown_topic) on_missing(topic);
    if (code == errc::broker_unreachable || code == errc::timed_out) return;
  }
}

void MissingTopics::look() {
  for (const auto& topic : member_.options.topics) {
    if (auto failure = failure_of(topic, look_for(topic))) member_.failure.emplace(*std::move(failure));
    if (member_.failure) return;
  }
  startup_.satisfied();
}

rd_kafka_resp_err_t MissingTopics::look_for(const std::string& topic) {
  auto error = member_.client->ask_for_topic(topic, kTopicWithin);
  // If the question creates the topic, the topic exists a moment later.
  const auto deadline = member_.clock.now() + kCreatedWithin;
  while (kafka::errc_of(error, errc::ok) == errc::unknown_topic && member_.client->may_create_topics() &&
         member_.clock.now() < deadline) {
    member_.clock.sleep_for(kAgainAfter);
    error = member_.client->ask_for_topic(topic, kTopicWithin);
  }
  return error;
}

std::optional<Error> MissingTopics::failure_of(const std::string& topic, rd_kafka_resp_err_t error) const {
  const errc code = kafka::errc_of(error, errc::ok);
  const std::string& servers = member_.config.bootstrap_servers;
  if (code == errc::unknown_topic) {
    return Error(code, fmt::format("topic {} does not exist on {} (waited {} ms for it); create it, check the "
                                   "channel's name and Config::topic_prefix, or raise topic_timeout",
                                   topic, servers, member_.options.topic_timeout.count()));
  }
  if (code == errc::not_authorized) {
    return Error(code, fmt::format("topic {} on {}: {}", topic, servers, rd_kafka_err2str(error)));
  }
  if (code == errc::broker_unreachable || code == errc::timed_out) {
    return kafka::unreachable(member_.client->reporter(), servers, member_.options.topic_timeout);
  }
  return {};
}

}  // namespace conveyor::worker
