#include "kafka/group_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "conveyor/channel.h"
#include "kafka/errors.h"
#include "kafka/read_ahead.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLeaveWithin{30'000};
constexpr milliseconds kRejoinWithin{50};  // after partitions were given back
constexpr milliseconds kLogEndWithin{2'000};
// What a worker in transactions has left open is not told before it ends, with the default transaction_timeout after
// ten seconds; without it the notes beside the offsets are not known either.
constexpr milliseconds kCommittedWithin{15'000};

Properties defaults() {
  return {
      // New partitions, and topics that appear after their consumer, are noticed within seconds.
      {"topic.metadata.refresh.interval.ms", "5000"},
      {"fetch.wait.max.ms", "100"},
      {"socket.nagle.disable", "true"},
      // A limit on the count stops fetching for up to a second each time it is met; the one on bytes bounds memory.
      {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", "65536"},
  };
}

Properties required(const Config& config) {
  if (config.group.empty()) {
    throw Error(errc::no_group,
                "no consumer group: set Config::group (CONVEYOR_GROUP), so that the group's offsets are kept");
  }
  return {
      {"group.id", config.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // Where reading begins is said with each assignment. This is for an offset that a broker says it has not, and
      // which one that lags behind may say of a record that is there: coming from before it shows, skipping does not.
      {"auto.offset.reset", "earliest"},
  };
}

TopicPartition where_of(const rd_kafka_topic_partition_t& element) {
  return {detail::intern_topic(element.topic, {}), element.partition};
}

std::span<const rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}
std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t* list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

// An eventfd takes eight bytes.
void wake_on(rd_kafka_queue_t* queue, const Wakeup& wakeup) {
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue, wakeup.descriptor(), &one, sizeof one);
}

// The list frees it with rd_free, which is free.
void set_metadata(rd_kafka_topic_partition_t& element, std::string_view metadata) {
  if (metadata.empty()) return;
  element.metadata = std::malloc(metadata.size());  // NOLINT(cppcoreguidelines-no-malloc)
  if (element.metadata == nullptr) throw std::bad_alloc();
  std::memcpy(element.metadata, metadata.data(), metadata.size());
  element.metadata_size = metadata.size();
}

bool unknown_topic(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

bool cooperative(rd_kafka_t* client) {
  const char* protocol = rd_kafka_rebalance_protocol(client);
  return protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0;
}

bool wants_cooperative(rd_kafka_t* client) {
  std::array<char, 256> strategies{};
  std::size_t size = strategies.size();
  rd_kafka_conf_get(rd_kafka_conf(client), "partition.assignment.strategy", strategies.data(), &size);
  return std::string_view(strategies.data()).find("cooperative-sticky") != std::string_view::npos;
}

void leave_group(rd_kafka_t* client, bool give_back) {
  const Queue closing{rd_kafka_queue_new(client)};
  const KafkaError refused{rd_kafka_consumer_close_queue(client, closing.get())};
  const auto deadline = steady_clock::now() + kLeaveWithin;
  while (!refused && rd_kafka_consumer_closed(client) == 0 && steady_clock::now() < deadline) {
    const KafkaEvent event{rd_kafka_queue_poll(closing.get(), 50)};
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) continue;
    const bool revoke = rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
    if (revoke && give_back) {
      const KafkaError error{rd_kafka_incremental_unassign(client, rd_kafka_event_topic_partition_list(event.get()))};
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }
}

}  // namespace

GroupConsumer::GroupConsumer(const Config& config, const std::vector<std::string>& topics, bool from_latest,
                             Wakeup& wakeup)
    : from_latest_(from_latest),
      wakeup_(wakeup),
      client_(RD_KAFKA_CONSUMER, config, defaults(), required(config),
              RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT) {
  rd_kafka_poll_set_consumer(client_.get());
  events_.reset(rd_kafka_queue_get_consumer(client_.get()));
  commits_.reset(rd_kafka_queue_new(client_.get()));
  wake_on(events_.get(), wakeup_);
  wake_on(commits_.get(), wakeup_);
  const PartitionList subscription{rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
  for (const auto& topic : topics) {
    rd_kafka_topic_partition_list_add(subscription.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto error = rd_kafka_subscribe(client_.get(), subscription.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(errc_of(error, errc::fatal), fmt::format("cannot subscribe: {}", rd_kafka_err2str(error)));
  }
}

void GroupConsumer::serve(Listener& listener) {
  while (const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 0)}) handle(event.get(), listener);
}

void GroupConsumer::handle(rd_kafka_event_t* event, Listener& listener) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      on_rebalance(event, listener);
      break;
    case RD_KAFKA_EVENT_ERROR: {
      const auto code = rd_kafka_event_error(event);
      const char* reason = rd_kafka_event_error_string(event);
      std::string topic;
      if (rd_kafka_topic_partition_t* about = rd_kafka_event_topic_partition(event)) {
        topic = about->topic;
        rd_kafka_topic_partition_destroy(about);
      }
      if (topic.empty() && !unknown_topic(code)) {
        const auto fatal = client_.on_error_event(event);
        if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
          listener.on_error(fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID ? fatal : RD_KAFKA_RESP_ERR__FATAL,
                            reporter().last_complaint(), {});
        else
          listener.on_error(code, reason != nullptr ? reason : "", {});
      } else {
        listener.on_error(code, reason != nullptr ? reason : rd_kafka_err2str(code), topic);
      }
      break;
    }
    case RD_KAFKA_EVENT_FETCH:  // records come by their partitions' queues; here are only errors
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
        const char* topic = message->rkt != nullptr ? rd_kafka_topic_name(message->rkt) : "";
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          // Going on would commit past it.
          listener.on_error(RD_KAFKA_RESP_ERR__FATAL,
                            fmt::format("record {} [{}] at offset {} came outside its partition's queue", topic,
                                        message->partition, message->offset),
                            topic);
        } else {
          listener.on_error(message->err, rd_kafka_message_errstr(message), topic);
        }
      }
      break;
    default:
      break;
  }
}

void GroupConsumer::on_rebalance(rd_kafka_event_t* event, Listener& listener) {
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(event);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    assign(partitions, listener);
    return;
  }
  std::vector<TopicPartition> gone;
  for (const auto& element : elements(partitions)) gone.push_back(where_of(element));
  listener.on_revoked(gone, rd_kafka_assignment_lost(client_.get()) != 0);
  held_ -= std::min(held_, gone.size());
  if (cooperative_) {
    rejoins_until_ = steady_clock::now() + kRejoinWithin;
    report(rd_kafka_incremental_unassign(client_.get(), partitions), "giving partitions back");
  } else {
    rd_kafka_assign(client_.get(), nullptr);
  }
}

void GroupConsumer::assign(const rd_kafka_topic_partition_list_t* partitions, Listener& listener) {
  std::vector<Assigned> given;
  const std::size_t at_once = ReadAhead::most_at_once(rd_kafka_version(), wants_cooperative(client_.get()));
  const PartitionList starts{rd_kafka_topic_partition_list_copy(partitions)};
  for (const auto& element : elements(partitions)) {
    // Split from the consumer's own queue before the assignment starts fetching.
    Queue queue{rd_kafka_queue_get_partition(client_.get(), element.topic, element.partition)};
    rd_kafka_queue_forward(queue.get(), nullptr);
    wake_on(queue.get(), wakeup_);
    given.push_back({.where = where_of(element), .queue = std::move(queue), .at_once = at_once});
  }
  const bool told = look_up_committed(starts.get());
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto& element = elements(starts.get())[i];
    if (element.offset >= 0) {
      given[i].committed = element.offset;
      given[i].start = element.offset;
      given[i].metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
    } else if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR && element.offset == RD_KAFKA_OFFSET_INVALID) {
      if (from_latest_) given[i].start = log_end(given[i].where, kLogEndWithin);
      element.offset = given[i].start.value_or(from_latest_ ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING);
    } else {
      element.offset = RD_KAFKA_OFFSET_STORED;  // not known: the client asks again itself
    }
  }
  ever_assigned_ = true;
  held_ += given.size();
  cooperative_ = cooperative(client_.get());
  if (cooperative_) {
    report(rd_kafka_incremental_assign(client_.get(), starts.get()), "taking partitions");
  } else {
    rd_kafka_assign(client_.get(), starts.get());
  }
  listener.on_assigned(std::move(given));
  if (!told && from_latest_) {
    // The client would begin a partition of which nothing was committed at the beginning.
    listener.on_error(RD_KAFKA_RESP_ERR__FATAL, "the group's committed offsets could not be read", {});
  }
}

bool GroupConsumer::look_up_committed(rd_kafka_topic_partition_list_t* partitions) {
  if (partitions->cnt == 0) return true;
  const auto within = std::min(kCommittedWithin, max_poll_interval() / 2);
  const auto error = rd_kafka_committed(client_.get(), partitions, static_cast<int>(within.count()));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  for (auto& element : elements(partitions)) {
    element.offset = RD_KAFKA_OFFSET_STORED;
    element.err = error;
  }
  reporter().log(Severity::kWarning, "conveyor",
                 fmt::format("the group's committed offsets could not be read: {}", rd_kafka_err2str(error)));
  return false;
}

void GroupConsumer::report(rd_kafka_error_t* error, std::string_view doing) {
  const KafkaError owned{error};
  if (!owned) return;
  reporter().log(Severity::kError, "conveyor", fmt::format("{}: {}", doing, rd_kafka_error_string(owned.get())));
}

PartitionList list_of(std::span<const OffsetToCommit> offsets) {
  PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& offset : offsets) {
    rd_kafka_topic_partition_t* element =
        rd_kafka_topic_partition_list_add(list.get(), std::string(offset.where.topic).c_str(), offset.where.partition);
    element->offset = offset.next;
    set_metadata(*element, offset.metadata);
  }
  return list;
}

bool GroupConsumer::joining() const { return client_.joining() || steady_clock::now() < rejoins_until_; }

void GroupConsumer::commit(std::span<const OffsetToCommit> offsets) {
  const PartitionList list = list_of(offsets);
  const auto error = rd_kafka_commit_queue(client_.get(), list.get(), commits_.get(), nullptr, nullptr);
  commit_in_flight_ = error == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!commit_in_flight_) {
    reporter().log(Severity::kError, "conveyor", fmt::format("a commit was not begun: {}", rd_kafka_err2str(error)));
  }
}

std::optional<CommitOutcome> GroupConsumer::poll_commit(milliseconds within) {
  if (!commit_in_flight_) return {};
  const KafkaEvent event{rd_kafka_queue_poll(commits_.get(), static_cast<int>(within.count()))};
  if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_OFFSET_COMMIT) return {};
  commit_in_flight_ = false;
  CommitOutcome outcome{.error = rd_kafka_event_error(event.get())};
  const auto* list = rd_kafka_event_topic_partition_list(event.get());
  if (list == nullptr) return outcome;
  for (const auto& element : elements(list)) {
    if (outcome.error == RD_KAFKA_RESP_ERR_NO_ERROR && element.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome.committed.push_back({where_of(element), element.offset});
    } else if (outcome.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome.error = element.err;
    }
  }
  return outcome;
}

void GroupConsumer::release(Queue& queue) noexcept {
  if (queue) rd_kafka_queue_io_event_enable(queue.get(), -1, nullptr, 0);
  queue.reset();
}

GroupConsumer::~GroupConsumer() { destroy(milliseconds(0)); }

// Before 2.3.0 librdkafka aborts when a member is destroyed that joined with cooperative-sticky and was given no
// assignment yet, not even an empty one: https://github.com/confluentinc/librdkafka/issues/4312
void GroupConsumer::keep_what_cannot_be_destroyed() {
  constexpr int kFixedIn = 0x020300ff;
  if (client_.get() == nullptr || ever_assigned_ || rd_kafka_version() >= kFixedIn) return;
  if (wants_cooperative(client_.get())) client_.do_not_destroy();
}

bool GroupConsumer::leave(milliseconds within) {
  const std::unique_lock lock{leaving_mutex_};
  keep_what_cannot_be_destroyed();
  release(events_);
  release(commits_);
  const auto left = std::make_shared<std::promise<void>>();
  may_destroy_ = std::make_shared<std::promise<void>>();
  client_.begin_destroy([left, may_destroy = may_destroy_, give_back = cooperative_,
                         says_nothing = held_ == 0 && wants_cooperative(client_.get())](rd_kafka_t* client) {
    // Closed without partitions, a cooperative member does not say that it leaves, and the group waits for its session
    // to end.
    if (says_nothing) rd_kafka_unsubscribe(client);
    leave_group(client, give_back);
    left->set_value();
    may_destroy->get_future().wait();
  });
  return left->get_future().wait_for(within) == std::future_status::ready;
}

void GroupConsumer::destroy(milliseconds within) {
  const std::unique_lock lock{leaving_mutex_};
  release(events_);
  release(commits_);
  if (may_destroy_) {
    std::exchange(may_destroy_, nullptr)->set_value();
  } else {
    keep_what_cannot_be_destroyed();
    client_.begin_destroy();
  }
  if (within.count() > 0) client_.wait_until_gone(within);
}

rd_kafka_resp_err_t GroupConsumer::ask_for_topic(const std::string& topic, milliseconds within) {
  const Topic handle{rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, static_cast<int>(within.count()));
  const Metadata metadata{raw};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::optional<std::int64_t> GroupConsumer::log_end(const TopicPartition& where, milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr) return {};
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto error = rd_kafka_query_watermark_offsets(client_.get(), std::string(where.topic).c_str(), where.partition,
                                                      &low, &high, static_cast<int>(within.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return high;
}

void GroupConsumer::seek(const TopicPartition& where, std::int64_t offset) {
  const OffsetToCommit to{.where = where, .next = offset};
  const PartitionList list = list_of(std::span(&to, 1));
  report(rd_kafka_seek_partitions(client_.get(), list.get(), 0), "going back in a partition");
}

GroupMetadata GroupConsumer::group_metadata() const {
  const std::shared_lock lock{leaving_mutex_};
  return GroupMetadata{client_.get() != nullptr ? rd_kafka_consumer_group_metadata(client_.get()) : nullptr};
}

std::optional<std::vector<OffsetToCommit>> GroupConsumer::committed(std::span<const TopicPartition> partitions,
                                                                    milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr) return {};
  const PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& where : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(where.topic).c_str(), where.partition);
  }
  if (rd_kafka_committed(client_.get(), list.get(), static_cast<int>(within.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {};
  }
  std::vector<OffsetToCommit> offsets;
  for (const auto& element : elements(list.get())) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    offsets.push_back({where_of(element), element.offset});
  }
  return offsets;
}

bool GroupConsumer::may_create_topics() const {
  std::array<char, 8> text{};
  std::size_t size = text.size();
  return rd_kafka_conf_get(rd_kafka_conf(client_.get()), "allow.auto.create.topics", text.data(), &size) ==
             RD_KAFKA_CONF_OK &&
         std::string_view(text.data()) == "true";
}

milliseconds GroupConsumer::max_poll_interval() const {
  std::array<char, 32> text{};
  std::size_t size = text.size();
  int value = 300'000;
  if (rd_kafka_conf_get(rd_kafka_conf(client_.get()), "max.poll.interval.ms", text.data(), &size) == RD_KAFKA_CONF_OK) {
    std::from_chars(text.data(), text.data() + std::strlen(text.data()), value);
  }
  return milliseconds(value);
}

}  // namespace conveyor::kafka
