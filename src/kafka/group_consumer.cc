#include "kafka/group_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kafka/errors.h"
#include "kafka/group_errors.h"
#include "kafka/group_questions.h"
#include "kafka/group_settings.h"
#include "kafka/leave_group.h"
#include "kafka/partition_list.h"
#include "kafka/partition_queue.h"
#include "kafka/queue_wakeup.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kRejoinWithin{50};         // the member rejoins this soon after its partitions were revoked
constexpr milliseconds kPartitionsAtOnce{1'000};  // the group usually answers within milliseconds
constexpr milliseconds kAskForStartOffsets{2'000};
constexpr milliseconds kAskAgainAfter{300};

bool unknown_topic(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

}  // namespace

GroupConsumer::GroupConsumer(const Config& config, const GroupOptions& options, std::shared_ptr<Wakeup> wakeup)
    : start_offsets_(options.start_offsets),
      wakeup_(std::move(wakeup)),
      client_(RD_KAFKA_CONSUMER, config, group_defaults(), group_required(config),
              RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT),
      waiting_(std::min(options.start_offsets_within, max_poll_interval())),
      questions_(wakeup_) {
  rd_kafka_poll_set_consumer(client_.get());
  events_.reset(rd_kafka_queue_get_consumer(client_.get()));
  commits_.reset(rd_kafka_queue_new(client_.get()));
  wake_on(events_.get(), *wakeup_);
  wake_on(commits_.get(), *wakeup_);
  const PartitionList subscription{rd_kafka_topic_partition_list_new(static_cast<int>(options.topics.size()))};
  for (const auto& topic : options.topics) {
    rd_kafka_topic_partition_list_add(subscription.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto error = rd_kafka_subscribe(client_.get(), subscription.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(errc_of(error, errc::fatal), fmt::format("cannot subscribe: {}", rd_kafka_err2str(error)));
  }
}

void GroupConsumer::check(const Config& config) {
  check_client(RD_KAFKA_CONSUMER, config, group_defaults(), group_required(config));
}

void GroupConsumer::serve(Listener& listener) {
  if (!events_) return;  // the client has left its group
  while (const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 0)}) handle(event.get(), listener);
  if (!waiting_.empty()) look_for_start_offsets(listener);
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
          listener.on_error(ends_member(fatal) ? fatal : RD_KAFKA_RESP_ERR__FATAL, reporter().last_error_text(), {});
        else
          listener.on_error(code, reason != nullptr ? reason : "", {});
      } else {
        listener.on_error(code, reason != nullptr ? reason : rd_kafka_err2str(code), topic);
      }
      break;
    }
    case RD_KAFKA_EVENT_FETCH:  // records arrive in the queues of their partitions; only errors arrive here
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
        const char* topic = message->rkt != nullptr ? rd_kafka_topic_name(message->rkt) : "";
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          // Reading on would commit past this record.
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
  questions_.give_up();  // answers on their way are out of date: another member may have committed meanwhile
  const rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(event);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    on_given(partitions, listener);
  } else {
    on_taken(partitions, listener);
  }
}

void GroupConsumer::on_given(const rd_kafka_topic_partition_list_t* partitions, Listener& listener) {
  ever_assigned_ = true;
  cooperative_ = is_cooperative(client_.get());
  const auto now = steady_clock::now();
  const std::size_t most_at_once = PartitionQueue::most_at_once(rd_kafka_version(), wants_cooperative(client_.get()));
  auto given = partitions_in(partitions);
  for (const TopicPartition& where : given) {
    // Take the queue out of the consumer's own queue before the assignment starts fetching.
    Queue queue{rd_kafka_queue_get_partition(client_.get(), std::string(where.topic).c_str(), where.partition)};
    rd_kafka_queue_forward(queue.get(), nullptr);
    wake_on(queue.get(), *wakeup_);
    waiting_.wait_for({.where = where, .queue = std::make_unique<PartitionQueue>(std::move(queue), most_at_once)},
                      "the group's coordinator was asked just now", now);
  }
  // Assign an empty list at once: the group waits for this, and the kept partitions stand still until then.
  if (!assign({}, listener)) return;
  ask_at_ = now;
  if (given.empty()) return listener.on_assigned({});
  first_question_ = true;
  // Not about those that were waiting before: an open transaction that holds one up would hold up all.
  ask_for_start_offsets(std::move(given), kPartitionsAtOnce, true);
}

void GroupConsumer::on_taken(const rd_kafka_topic_partition_list_t* partitions, Listener& listener) {
  const auto gone = partitions_in(partitions);
  waiting_.forget(gone);
  if (std::exchange(first_question_, false)) listener.on_assigned({});
  listener.on_revoked(gone, rd_kafka_assignment_lost(client_.get()) != 0);
  if (!cooperative_) {
    held_.clear();
    rd_kafka_assign(client_.get(), nullptr);
    client_.join_watch().disturb();
    return;
  }
  rejoins_until_ = steady_clock::now() + kRejoinWithin;
  report(rd_kafka_incremental_unassign(client_.get(), list_of(take_from(held_, partitions)).get()),
         "revoking partitions");
  client_.join_watch().disturb();
}

bool GroupConsumer::assign(std::span<const Assigned> partitions, Listener& listener) {
  const PartitionList starts{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [where, start_offset, queue] : partitions) {
    rd_kafka_topic_partition_list_add(starts.get(), std::string(where.topic).c_str(), where.partition)->offset =
        start_offset.start.value_or(RD_KAFKA_OFFSET_BEGINNING);
  }
  KafkaError refused;
  if (cooperative_) {
    refused.reset(rd_kafka_incremental_assign(client_.get(), starts.get()));
  } else if (const auto error = rd_kafka_assign(client_.get(), starts.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    refused.reset(rd_kafka_error_new(error, "%s", rd_kafka_err2str(error)));
  }
  client_.join_watch().disturb();
  if (!refused) {
    for (const auto& each : partitions) held_.push_back(each.where);
    return true;
  }
  // Nobody would read the partitions.
  listener.on_error(RD_KAFKA_RESP_ERR__FATAL,
                    fmt::format("librdkafka refused the assigned partitions: {}", rd_kafka_error_string(refused.get())),
                    {});
  return false;
}

void GroupConsumer::ask_for_start_offsets(std::vector<TopicPartition> partitions, milliseconds within, bool together) {
  questions_.ask(
      std::move(partitions), together,
      [self = shared_from_this(), within](std::span<const TopicPartition> some) -> std::vector<FoundStartOffset> {
        const std::shared_lock lock{self->leaving_mutex_};
        if (self->client_.get() == nullptr) return {};
        return look_up_start_offsets(self->client_.get(), some, self->start_offsets_, within);
      });
}

void GroupConsumer::take_start_offsets(std::vector<FoundStartOffset> answers, Listener& listener) {
  // The revocation that follows must find the assignment lost, which librdkafka forgets with the next assign().
  if (rd_kafka_assignment_lost(client_.get()) != 0) return;
  const bool first = std::exchange(first_question_, false);
  if (first) report_waiting(answers);
  for (FoundStartOffset& found : answers) waiting_.answered(std::move(found));
  auto known = waiting_.take_known(!cooperative_);
  if (known.empty() ? first : assign(known, listener)) listener.on_assigned(std::move(known));
}

void GroupConsumer::look_for_start_offsets(Listener& listener) {
  const auto now = steady_clock::now();
  if (auto answers = questions_.take()) {
    take_start_offsets(*std::move(answers), listener);
    ask_at_ = now + kAskAgainAfter;
  }
  if (const auto* late = waiting_.overdue(now)) {
    const auto& [topic, partition] = late->assigned.where;
    const std::string text = fmt::format("{} [{}] could not be read for {} ms: {}", topic, partition,
                                         waiting_.patience().count(), late->why);
    forget_waiting();
    listener.on_error(RD_KAFKA_RESP_ERR__FATAL, text, {});
  } else if (!questions_.asking() && now >= ask_at_ && !waiting_.empty()) {
    ask_for_start_offsets(waiting_.unknown(), kAskForStartOffsets, !cooperative_);
  }
}

void GroupConsumer::report_waiting(std::span<const FoundStartOffset> start_offsets) {
  const auto unknown = unknown_start_offsets(start_offsets, waiting_.patience());
  if (!unknown) return;
  client_.reporter().report({.kind = Event::Kind::kClientError,
                             .topic = unknown->first.topic,
                             .partition = unknown->first.partition,
                             .error = errc::retryable,
                             .text = unknown->text},
                            Severity::kWarning);
}

void GroupConsumer::forget_waiting() {
  questions_.give_up();
  waiting_.forget_all();
}

void GroupConsumer::report(rd_kafka_error_t* error, std::string_view doing) {
  const KafkaError owned{error};
  if (!owned) return;
  client_.reporter().log(Severity::kError, "conveyor",
                         fmt::format("{}: {}", doing, rd_kafka_error_string(owned.get())));
}

// librdkafka's main thread answers a question only after everything that came before it in the same queue.
void GroupConsumer::catch_up() const {
  JoinWatch& watch = client_.join_watch();
  if (client_.get() == nullptr || watch.if_member([] {}) != JoinWatch::Standing::kUnsure) return;
  const std::uint64_t disturbances = watch.disturbances();
  if (char* const id = rd_kafka_memberid(client_.get())) rd_kafka_mem_free(client_.get(), id);
  watch.caught_up(disturbances);
}

bool GroupConsumer::joining() const {
  catch_up();
  return client_.join_watch().joining() || steady_clock::now() < rejoins_until_;
}

bool GroupConsumer::commit(std::span<const OffsetToCommit> offsets, WhileJoining while_joining) {
  const PartitionList list = list_of(offsets);
  auto error = RD_KAFKA_RESP_ERR_NO_ERROR;
  const auto begin = [&] {
    error = rd_kafka_commit_queue(client_.get(), list.get(), commits_.get(), nullptr, nullptr);
  };
  auto standing = JoinWatch::Standing::kUnsure;
  while (standing == JoinWatch::Standing::kUnsure) {
    catch_up();
    standing = client_.join_watch().if_member(begin);
  }
  if (standing == JoinWatch::Standing::kJoining) {
    if (while_joining == WhileJoining::kDoNot) return false;
    begin();
  }
  commit_in_flight_ = error == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!commit_in_flight_) {
    client_.reporter().log(
        Severity::kError, "conveyor",
        fmt::format("an offset commit could not be sent; it is tried again: {}", rd_kafka_err2str(error)));
  }
  return commit_in_flight_;
}

bool GroupConsumer::lost() const { return failed() || rd_kafka_assignment_lost(client_.get()) != 0; }

std::optional<CommitOutcome> GroupConsumer::poll_commit(milliseconds within) {
  if (!commit_in_flight_) return {};
  const KafkaEvent event{rd_kafka_queue_poll(commits_.get(), static_cast<int>(within.count()))};
  if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_OFFSET_COMMIT) return {};
  commit_in_flight_ = false;
  CommitOutcome outcome{.error = rd_kafka_event_error(event.get())};
  const auto* list = rd_kafka_event_topic_partition_list(event.get());
  if (list == nullptr) return outcome;
  for (const auto& element : elements(list)) {
    if (unknown_topic(element.err)) outcome.unknown.push_back(where_of(element));
    if (outcome.error == RD_KAFKA_RESP_ERR_NO_ERROR && element.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome.committed.push_back({where_of(element), element.offset});
    } else if (outcome.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome.error = element.err;
    }
  }
  return outcome;
}

GroupConsumer::~GroupConsumer() { destroy(milliseconds(0)); }

// Before 2.3.0 librdkafka aborts when a member is destroyed that joined with cooperative-sticky and has not received an
// assignment yet, not even an empty one: https://github.com/confluentinc/librdkafka/issues/4312
void GroupConsumer::keep_what_cannot_be_destroyed() {
  constexpr int kFixedIn = 0x020300ff;
  if (client_.get() == nullptr || ever_assigned_ || rd_kafka_version() >= kFixedIn) return;
  if (wants_cooperative(client_.get())) client_.do_not_destroy();
}

bool GroupConsumer::leave(milliseconds within) {
  if (client_.get() == nullptr) return true;
  const bool has_nothing = held_.empty() && waiting_.empty();
  forget_waiting();
  const std::unique_lock lock{leaving_mutex_};
  keep_what_cannot_be_destroyed();
  release(events_);
  release(commits_);
  const auto left = std::make_shared<std::promise<void>>();
  may_destroy_ = std::make_shared<std::promise<void>>();
  client_.begin_destroy([left, may_destroy = may_destroy_, give_back = cooperative_, held = held_,
                         says_nothing = has_nothing && wants_cooperative(client_.get())](rd_kafka_t* client) {
    // A cooperative member without partitions does not send LeaveGroup when it is closed, and the group would wait for
    // its session to end. Unsubscribing sends it.
    if (says_nothing) rd_kafka_unsubscribe(client);
    leave_group(client, give_back, held);
    left->set_value();
    may_destroy->get_future().wait();
  });
  return left->get_future().wait_for(within) == std::future_status::ready;
}

void GroupConsumer::destroy(milliseconds within) {
  forget_waiting();
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
  return client_.get() != nullptr ? ask_topic_error(client_.get(), topic, within) : RD_KAFKA_RESP_ERR__STATE;
}

std::vector<std::optional<LogRange>> GroupConsumer::log_ranges(std::span<const TopicPartition> partitions,
                                                               milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr) return std::vector<std::optional<LogRange>>(partitions.size());
  return ask_log_ranges(client_.get(), partitions, within);
}

std::vector<std::optional<std::int64_t>> GroupConsumer::log_ends(std::span<const TopicPartition> partitions,
                                                                 milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr) return std::vector<std::optional<std::int64_t>>(partitions.size());
  return ask_log_ends(client_.get(), partitions, within);
}

std::int64_t GroupConsumer::known_log_start(const TopicPartition& where) const {
  return kafka::known_log_start(client_.get(), where);
}

std::int64_t GroupConsumer::passed(const TopicPartition& where) const { return kafka::passed(client_.get(), where); }

void GroupConsumer::seek(const TopicPartition& where, std::int64_t offset) {
  const OffsetToCommit to{.where = where, .next = offset};
  const PartitionList list = list_of(std::span(&to, 1));
  report(rd_kafka_seek_partitions(client_.get(), list.get(), 0), "seeking in a partition");
}

GroupMetadata GroupConsumer::group_metadata() const {
  const std::shared_lock lock{leaving_mutex_};
  return GroupMetadata{client_.get() != nullptr ? rd_kafka_consumer_group_metadata(client_.get()) : nullptr};
}

std::vector<OffsetToCommit> GroupConsumer::committed(std::span<const TopicPartition> partitions,
                                                     milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr || partitions.empty()) return {};
  return ask_committed(client_.get(), partitions, within);
}

bool GroupConsumer::may_create_topics() const { return creates_topics(client_.get()); }

milliseconds GroupConsumer::max_poll_interval() const {
  return client_.get() != nullptr ? kafka::max_poll_interval(client_.get()) : kMaxPollInterval;
}

}  // namespace conveyor::kafka
