#include "kafka/group_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <thread>
#include <utility>

#include "conveyor/channel.h"
#include "kafka/errors.h"
#include "kafka/group_errors.h"
#include "kafka/partition_queue.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLeaveWithin{30'000};
constexpr milliseconds kRejoinWithin{50};     // after partitions were given back
constexpr milliseconds kPlacesAtOnce{1'000};  // as a rule they are told within milliseconds
constexpr milliseconds kAskForPlaces{2'000};
constexpr milliseconds kAskAgainAfter{300};

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
      // Where a log ends, behind what is not handed out, is not known in any other way.
      {"enable.partition.eof", "true"},
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

void release(Queue& queue) noexcept {
  if (queue) rd_kafka_queue_io_event_enable(queue.get(), -1, nullptr, 0);
  queue.reset();
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

PartitionList list_of(std::span<const TopicPartition> partitions) {
  PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), partition);
  }
  return list;
}

// Those of the list that are held, which they are no more. The client refuses to give back what it does not read, and
// what waits for its place it was never told to read.
std::vector<TopicPartition> take_from(std::vector<TopicPartition>& held, const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> taken;
  for (const auto& element : elements(list)) {
    const auto found = std::ranges::find(held, where_of(element));
    if (found == held.end()) continue;
    taken.push_back(*found);
    held.erase(found);
  }
  return taken;
}

void leave_group(rd_kafka_t* client, bool give_back, std::vector<TopicPartition> held) {
  const Queue closing{rd_kafka_queue_new(client)};
  const KafkaError refused{rd_kafka_consumer_close_queue(client, closing.get())};
  const auto deadline = steady_clock::now() + kLeaveWithin;
  while (!refused && rd_kafka_consumer_closed(client) == 0 && steady_clock::now() < deadline) {
    const KafkaEvent event{rd_kafka_queue_poll(closing.get(), 50)};
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) continue;
    const bool revoke = rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
    if (revoke && give_back) {
      const auto gone = take_from(held, rd_kafka_event_topic_partition_list(event.get()));
      const KafkaError error{rd_kafka_incremental_unassign(client, list_of(gone).get())};
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }
}

}  // namespace

GroupConsumer::GroupConsumer(const Config& config, const GroupOptions& options, Wakeup& wakeup)
    : places_(options.places),
      wakeup_(wakeup),
      client_(RD_KAFKA_CONSUMER, config, defaults(), required(config),
              RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT),
      waiting_(std::min(options.places_within, max_poll_interval())) {
  rd_kafka_poll_set_consumer(client_.get());
  events_.reset(rd_kafka_queue_get_consumer(client_.get()));
  commits_.reset(rd_kafka_queue_new(client_.get()));
  wake_on(events_.get(), wakeup_);
  wake_on(commits_.get(), wakeup_);
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
  check_client(RD_KAFKA_CONSUMER, config, defaults(), required(config));
}

void GroupConsumer::serve(Listener& listener) {
  if (!events_) return;  // it has left
  while (const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 0)}) handle(event.get(), listener);
  if (!waiting_.empty()) look_for_places(listener);
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
          listener.on_error(ends_member(fatal) ? fatal : RD_KAFKA_RESP_ERR__FATAL, reporter().last_complaint(), {});
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
  stop_asking();  // what it says was so before: meanwhile another member may have committed
  const rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(event);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    on_given(partitions, listener);
  } else {
    on_taken(partitions, listener);
  }
}

void GroupConsumer::on_given(const rd_kafka_topic_partition_list_t* partitions, Listener& listener) {
  std::vector<TopicPartition> given;
  for (const auto& element : elements(partitions)) given.push_back(where_of(element));
  ever_assigned_ = true;
  cooperative_ = cooperative(client_.get());
  const auto places = look_up_places(client_.get(), given, places_, kPlacesAtOnce);
  const auto now = steady_clock::now();
  const std::size_t most_at_once = PartitionQueue::most_at_once(rd_kafka_version(), wants_cooperative(client_.get()));
  for (const FoundPlace& found : places) {
    // Split from the consumer's own queue before the assignment starts fetching.
    Queue queue{
        rd_kafka_queue_get_partition(client_.get(), std::string(found.where.topic).c_str(), found.where.partition)};
    rd_kafka_queue_forward(queue.get(), nullptr);
    wake_on(queue.get(), wakeup_);
    waiting_.wait_for({.where = found.where, .queue = std::make_unique<PartitionQueue>(std::move(queue), most_at_once)},
                      found.why, now);
    if (found.place) waiting_.found(found.where, *found.place);
  }
  report_waiting(places);
  ask_at_ = now + kAskAgainAfter;
  // Also when it is none: the group waits for the answer, and what is kept stands still.
  auto known = waiting_.take_known(!cooperative_);
  if (assign(known, listener)) listener.on_assigned(std::move(known));
}

void GroupConsumer::on_taken(const rd_kafka_topic_partition_list_t* partitions, Listener& listener) {
  std::vector<TopicPartition> gone;
  for (const auto& element : elements(partitions)) gone.push_back(where_of(element));
  waiting_.forget(gone);
  listener.on_revoked(gone, rd_kafka_assignment_lost(client_.get()) != 0);
  if (!cooperative_) {
    held_.clear();
    rd_kafka_assign(client_.get(), nullptr);
    client_.join_watch().disturb();
    return;
  }
  rejoins_until_ = steady_clock::now() + kRejoinWithin;
  report(rd_kafka_incremental_unassign(client_.get(), list_of(take_from(held_, partitions)).get()),
         "giving partitions back");
  client_.join_watch().disturb();
}

bool GroupConsumer::assign(std::span<const Assigned> partitions, Listener& listener) {
  const PartitionList starts{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [where, place, queue] : partitions) {
    rd_kafka_topic_partition_list_add(starts.get(), std::string(where.topic).c_str(), where.partition)->offset =
        place.start.value_or(RD_KAFKA_OFFSET_BEGINNING);
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
  // Nobody would read them.
  listener.on_error(RD_KAFKA_RESP_ERR__FATAL,
                    fmt::format("the client does not take the partitions that it was given: {}",
                                rd_kafka_error_string(refused.get())),
                    {});
  return false;
}

/// One round of questions; it outlives the consumer when an answer does.
struct GroupConsumer::Questions {
  std::vector<TopicPartition> partitions;
  bool together = false;
  std::vector<FoundPlace> answers = {};
  std::atomic<bool> given_up{false};
  std::atomic<bool> answered{false};
};

void GroupConsumer::ask_for_places() {
  asked_ = std::make_shared<Questions>();
  asked_->partitions = waiting_.unknown();
  // Told one by one, those that no transaction holds up need not wait for the others.
  asked_->together = !cooperative_;
  std::thread([asked = asked_, self = shared_from_this()] {
    std::span<const TopicPartition> left = asked->partitions;
    while (!left.empty() && !asked->given_up) {
      const auto some = left.first(asked->together ? left.size() : 1);
      left = left.subspan(some.size());
      const std::shared_lock lock{self->leaving_mutex_};
      if (self->client_.get() == nullptr) break;
      std::ranges::move(look_up_places(self->client_.get(), some, self->places_, kAskForPlaces),
                        std::back_inserter(asked->answers));
    }
    asked->answered.store(true, std::memory_order_release);
  }).detach();
}

void GroupConsumer::look_for_places(Listener& listener) {
  const auto now = steady_clock::now();
  if (asked_ && asked_->answered.load(std::memory_order_acquire)) {
    const auto answered = std::exchange(asked_, nullptr);
    for (FoundPlace& found : answered->answers) {
      if (found.place) {
        waiting_.found(found.where, *std::move(found.place));
      } else {
        waiting_.not_found(found.where, std::move(found.why));
      }
    }
    ask_at_ = now + kAskAgainAfter;
    auto known = waiting_.take_known(!cooperative_);
    if (!known.empty() && assign(known, listener)) listener.on_assigned(std::move(known));
  }
  if (const auto* late = waiting_.overdue(now)) {
    const auto& [topic, partition] = late->assigned.where;
    const std::string text = fmt::format("{} [{}] could not be read for {} ms: {}", topic, partition,
                                         waiting_.patience().count(), late->why);
    forget_waiting();
    listener.on_error(RD_KAFKA_RESP_ERR__FATAL, text, {});
  } else if (!asked_ && now >= ask_at_ && !waiting_.empty()) {
    ask_for_places();
  }
}

void GroupConsumer::report_waiting(std::span<const FoundPlace> places) {
  const FoundPlace* first = nullptr;
  std::size_t others = 0;
  for (const FoundPlace& found : places) {
    if (found.place) continue;
    others += first != nullptr ? 1 : 0;
    if (first == nullptr) first = &found;
  }
  if (first == nullptr) return;
  const auto& [topic, partition] = first->where;
  const std::string are = others > 0 ? fmt::format(" and {} more are", others) : std::string(" is");
  const std::string text = fmt::format("{} [{}]{} not read yet: {}; asking again for up to {} ms", topic, partition,
                                       are, first->why, waiting_.patience().count());
  client_.reporter().report({.kind = Event::Kind::kClientError,
                             .topic = topic,
                             .partition = partition,
                             .error = errc::retryable,
                             .text = text},
                            Severity::kWarning);
}

void GroupConsumer::stop_asking() {
  if (asked_) asked_->given_up = true;
  asked_.reset();
}

void GroupConsumer::forget_waiting() {
  stop_asking();
  waiting_.forget_all();
}

void GroupConsumer::report(rd_kafka_error_t* error, std::string_view doing) {
  const KafkaError owned{error};
  if (!owned) return;
  client_.reporter().log(Severity::kError, "conveyor",
                         fmt::format("{}: {}", doing, rd_kafka_error_string(owned.get())));
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

// Any question to librdkafka's main thread is answered after what came before it in the same queue.
void GroupConsumer::settle() const {
  JoinWatch& watch = client_.join_watch();
  if (client_.get() == nullptr || watch.if_member([] {}) != JoinWatch::Standing::kUnsure) return;
  const std::uint64_t disturbances = watch.disturbances();
  if (char* const id = rd_kafka_memberid(client_.get())) rd_kafka_mem_free(client_.get(), id);
  watch.settled(disturbances);
}

bool GroupConsumer::joining() const {
  settle();
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
    settle();
    standing = client_.join_watch().if_member(begin);
  }
  if (standing == JoinWatch::Standing::kJoining) {
    if (while_joining == WhileJoining::kDoNot) return false;
    begin();
  }
  commit_in_flight_ = error == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!commit_in_flight_) {
    client_.reporter().log(Severity::kError, "conveyor",
                           fmt::format("a commit was not begun: {}", rd_kafka_err2str(error)));
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

// Before 2.3.0 librdkafka aborts when a member is destroyed that joined with cooperative-sticky and was given no
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
    // Closed without partitions, a cooperative member does not say that it leaves, and the group waits for its session
    // to end.
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
  if (client_.get() == nullptr) return RD_KAFKA_RESP_ERR__STATE;
  const Topic handle{rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, static_cast<int>(within.count()));
  const Metadata metadata{raw};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
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
  std::int64_t low = -1;
  std::int64_t high = -1;
  const auto error =
      rd_kafka_get_watermark_offsets(client_.get(), std::string(where.topic).c_str(), where.partition, &low, &high);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? low : -1;
}

std::int64_t GroupConsumer::passed(const TopicPartition& where) const {
  const PartitionList list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_t* element =
      rd_kafka_topic_partition_list_add(list.get(), std::string(where.topic).c_str(), where.partition);
  rd_kafka_position(client_.get(), list.get());
  return element->offset;
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

std::vector<OffsetToCommit> GroupConsumer::committed(std::span<const TopicPartition> partitions,
                                                     milliseconds within) const {
  const std::shared_lock lock{leaving_mutex_};
  if (client_.get() == nullptr || partitions.empty()) return {};
  const PartitionList list = list_of(partitions);
  if (rd_kafka_committed(client_.get(), list.get(), static_cast<int>(within.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {};
  }
  std::vector<OffsetToCommit> offsets;
  for (const auto& element : elements(list.get())) {
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) offsets.push_back({where_of(element), element.offset});
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
  if (client_.get() == nullptr) return milliseconds(value);
  if (rd_kafka_conf_get(rd_kafka_conf(client_.get()), "max.poll.interval.ms", text.data(), &size) == RD_KAFKA_CONF_OK) {
    std::from_chars(text.data(), text.data() + std::strlen(text.data()), value);
  }
  return milliseconds(value);
}

}  // namespace conveyor::kafka
