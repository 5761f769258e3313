#include "kafka/topic_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "kafka/errors.h"
#include "kafka/log_offsets.h"

namespace conveyor::kafka {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};  // how soon a stop is noticed
constexpr milliseconds kAnswerWithin{1'000};
constexpr milliseconds kLateAnswerWithin{8'000};
// A broker may not know yet of a topic that was just created through another broker.
constexpr milliseconds kUnknownFor{1'000};

Properties defaults() {
  return {
      {"fetch.wait.max.ms", "100"},
      {"socket.nagle.disable", "true"},
      // Bound the memory in bytes only: each time the limit on the number of messages is reached, librdkafka stops
      // fetching for up to a second.
      {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", "16384"},
  };
}

Properties required(const TopicReaderOptions& options) {
  Properties properties{
      {"allow.auto.create.topics", "false"},  // reading must not create topics
      {"auto.offset.reset", "earliest"},      // records deleted meanwhile must not look like the end of the log
      {"enable.partition.eof", "true"},      {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"},
  };
  if (!options.group.empty()) properties.emplace("group.id", options.group);
  return properties;
}

PartitionList list_of(const std::string& topic, std::span<const std::int32_t> partitions) {
  PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto partition : partitions) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  return list;
}

std::span<rd_kafka_topic_partition_t> elements(const PartitionList& list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

const rd_kafka_metadata_topic_t* find_topic(const rd_kafka_metadata_t& metadata, const std::string& name) {
  const std::span topics{metadata.topics, static_cast<std::size_t>(metadata.topic_cnt)};
  const auto found = std::ranges::find_if(topics, [&](const auto& topic) { return topic.topic == name; });
  return found != topics.end() ? &*found : nullptr;
}

// Errors of a call with a short timeout while the group's coordinator is looked up.
bool no_answer_yet(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT ||
         error == RD_KAFKA_RESP_ERR__WAIT_COORD || error == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
}

int to_int(milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace

TopicReader::TopicReader(const Config& config, std::string topic, TopicReaderOptions options)
    : bootstrap_servers_(config.bootstrap_servers),
      name_(std::move(topic)),
      options_(std::move(options)),
      client_(RD_KAFKA_CONSUMER, config, defaults(), required(options_),
              RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT),
      events_(rd_kafka_queue_get_main(client_.get())),
      group_events_(options_.group.empty() ? nullptr : rd_kafka_queue_get_consumer(client_.get())) {}

TopicReader::~TopicReader() {
  struct Started {
    Topic topic;
    std::map<std::int32_t, Queue> queues;
  };
  events_.reset();
  group_events_.reset();
  const auto started = std::make_shared<Started>(Started{std::move(topic_), std::move(queues_)});
  client_.begin_destroy([started](rd_kafka_t*) {
    for (const auto& [partition, queue] : started->queues) rd_kafka_consume_stop(started->topic.get(), partition);
    started->queues.clear();
    started->topic.reset();
  });
  client_.wait_until_gone(milliseconds(5'000));
}

// @return whether there was an event
bool TopicReader::serve_next(rd_kafka_queue_t* queue, milliseconds within) {
  const KafkaEvent event{rd_kafka_queue_poll(queue, to_int(within))};
  if (!event) return false;
  if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) return true;
  const auto fatal = client_.on_error_event(event.get());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) throw Error(errc::fatal, reporter().last_error_text());
  return true;
}

void TopicReader::serve_events(milliseconds within) { serve_next(events_.get(), within); }

// A missing right to the group arrives as an event, not as an answer to the question.
void TopicReader::check_right_to_group(const std::string& doing) {
  for (rd_kafka_queue_t* queue : {events_.get(), group_events_.get()}) {
    while (queue != nullptr && serve_next(queue, milliseconds(0))) {
      if (reporter().last_error() == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) fail(reporter().last_error(), doing);
    }
  }
}

void TopicReader::fail(rd_kafka_resp_err_t error, const std::string& doing) const {
  const errc code = errc_of(error, errc::retryable);
  if (code == errc::broker_unreachable) throw unreachable(reporter(), bootstrap_servers_, options_.patience);
  throw Error(code, fmt::format("{} on {}: {}", doing, bootstrap_servers_, rd_kafka_err2str(error)));
}

std::int32_t TopicReader::partitions_of(const std::string& topic) {
  const auto begun = Clock::now();
  while (true) {
    // Ask about all topics: asking by name makes brokers create the topic; brokers before 0.11 even when the client
    // forbids it.
    const rd_kafka_metadata_t* raw = nullptr;
    auto error = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, to_int(kAnswerWithin));
    const Metadata metadata{raw};
    const bool answered = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    const rd_kafka_metadata_topic_t* found = answered ? find_topic(*metadata, topic) : nullptr;
    if (found != nullptr) {
      error = found->err;
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR && found->partition_cnt > 0) return found->partition_cnt;
      if (errc_of(error, errc::retryable) == errc::not_authorized) fail(error, "topic " + topic);
    }
    const auto waited = Clock::now() - begun;
    if (answered && found == nullptr && waited > kUnknownFor) return 0;
    if (waited > options_.patience || (!answered && reporter().rejected())) {
      if (!answered) throw unreachable(reporter(), bootstrap_servers_, options_.patience);
      fail(error, "topic " + topic);
    }
    if (stopped()) throw Error(errc::stopped, "stopped while looking up topic " + topic);
    serve_events(kSlice);
  }
}

std::vector<OffsetRange> TopicReader::ranges(std::int32_t count) {
  std::vector<OffsetRange> found;
  const auto begun = Clock::now();
  for (std::int32_t partition = 0; partition < count; ++partition) {
    // Give a slow leader more time with each attempt.
    for (milliseconds within = kAnswerWithin;; within = std::min(2 * within, kLateAnswerWithin)) {
      const auto [error, log] = ask_log_range(client_.get(), {name_, partition}, within);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        found.push_back({.partition = partition, .begin = log.begin, .end = log.end});
        break;
      }
      const errc code = errc_of(error, errc::retryable);
      if (code == errc::not_authorized || Clock::now() - begun > options_.patience) {
        fail(error, fmt::format("the offsets of {} [{}]", name_, partition));
      }
      if (stopped()) throw Error(errc::stopped, "stopped while looking up the offsets of topic " + name_);
      serve_events(kSlice);
    }
  }
  return found;
}

std::map<std::int32_t, std::int64_t> TopicReader::committed(std::span<const OffsetRange> ranges) {
  const std::string doing = "the offsets of group " + options_.group;
  std::vector<std::int32_t> partitions;
  for (const auto& range : ranges) partitions.push_back(range.partition);
  const PartitionList list = list_of(name_, partitions);
  const auto begun = Clock::now();
  while (true) {
    const auto error =
        rd_kafka_committed(client_.get(), list.get(), to_int(std::min(kAnswerWithin, options_.patience)));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    // Some brokers answer this for a group that never existed; Apache Kafka answers that the group has committed
    // nothing.
    if (error == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) return {};
    check_right_to_group(doing);
    if (stopped()) throw Error(errc::stopped, "stopped while looking up " + doing);
    if (!no_answer_yet(error) || Clock::now() - begun > options_.patience) fail(error, doing);
  }
  std::map<std::int32_t, std::int64_t> found;
  for (const auto& element : elements(list)) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(element.err, doing);
    if (element.offset >= 0) found[element.partition] = element.offset;
  }
  return found;
}

void TopicReader::commit(const std::map<std::int32_t, std::int64_t>& next) {
  if (next.empty()) return;
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, offset] : next) partitions.push_back(partition);
  const PartitionList list = list_of(name_, partitions);
  for (auto& element : elements(list)) element.offset = next.at(element.partition);
  const std::string doing = "committing the offsets of group " + options_.group;

  const Queue results{rd_kafka_queue_new(client_.get())};
  auto error = rd_kafka_commit_queue(client_.get(), list.get(), results.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(error, doing);
  KafkaEvent event;
  for (const auto begun = Clock::now(); !event;) {
    event.reset(rd_kafka_queue_poll(results.get(), to_int(std::min(kAnswerWithin, options_.patience))));
    if (event) break;
    check_right_to_group(doing);
    if (Clock::now() - begun > options_.patience) fail(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
  }
  error = rd_kafka_event_error(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto* stored = rd_kafka_event_topic_partition_list(event.get());
    for (int i = 0; stored != nullptr && i < stored->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      error = stored->elems[i].err;
    }
  }
  if (means_lost(error)) {
    throw Error(
        errc::invalid_config,
        fmt::format(
            "{} on {}: {}; the group has members, or another replay uses it: choose a group that nothing else uses",
            doing, bootstrap_servers_, rd_kafka_err2str(error)));
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(error, doing);
}

void TopicReader::start(std::span<const OffsetRange> ranges) {
  if (!topic_) topic_.reset(rd_kafka_topic_new(client_.get(), name_.c_str(), nullptr));
  for (const auto& range : ranges) {
    Queue queue{rd_kafka_queue_new(client_.get())};
    if (rd_kafka_consume_start_queue(topic_.get(), range.partition, range.begin, queue.get()) != 0) {
      fail(rd_kafka_last_error(), fmt::format("reading {} [{}]", name_, range.partition));
    }
    queues_.emplace(range.partition, std::move(queue));
  }
}

ConsumedRecord TopicReader::read(OffsetRange& range) {
  rd_kafka_queue_t* queue = queues_.at(range.partition).get();
  const auto begun = Clock::now();
  const std::string doing = fmt::format("reading {} [{}]", name_, range.partition);
  rd_kafka_resp_err_t last_error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  bool went_back = false;
  while (range.begin < range.end && !stopped()) {
    serve_events(milliseconds(0));
    ConsumedRecord record{KafkaMessage{rd_kafka_consume_queue(queue, to_int(kSlice))}};
    if (!record) {
      if (Clock::now() - begun > options_.patience) fail(last_error, doing);
    } else if (record.error() == RD_KAFKA_RESP_ERR_NO_ERROR && record.offset() < range.begin) {
      // A lagging broker denied the offset, and the client went back to the beginning.
      if (!went_back) {
        const PartitionList list = list_of(name_, std::span(&range.partition, 1));
        elements(list).front().offset = range.begin;
        const KafkaError error{rd_kafka_seek_partitions(client_.get(), list.get(), 0)};
      }
      went_back = true;
    } else if (record.error() == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool wanted = record.offset() < range.end;
      range.begin = wanted ? record.offset() + 1 : range.end;
      if (wanted) return record;
    } else if (record.error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // The last offsets may be transaction markers, which are not returned.
      range.begin = std::max(range.begin, record.offset());
    } else {
      last_error = record.error();
      const errc code = errc_of(last_error, errc::retryable);
      if (code == errc::unknown_topic || code == errc::not_authorized) fail(last_error, doing);
    }
  }
  return {};
}

}  // namespace conveyor::kafka
