#include "kafka/start_offset_lookup.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "kafka/deadline.h"
#include "kafka/log_offsets.h"
#include "kafka/partition_list.h"
#include "kafka/start_at_latest.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

struct Committed {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::optional<std::int64_t> offset = {};
  std::string metadata = {};
};

Committed committed_of(const rd_kafka_topic_partition_t& element) {
  if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {.error = element.err};
  if (element.offset == RD_KAFKA_OFFSET_INVALID) return {};
  if (element.offset < 0) return {.error = RD_KAFKA_RESP_ERR__BAD_MSG};
  Committed committed{.offset = element.offset};
  committed.metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
  return committed;
}

// In the order of the partitions.
std::vector<Committed> ask_committed(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                     const Deadline& deadline) {
  if (partitions.empty()) return {};
  const PartitionList list = list_of(partitions);
  const auto error = rd_kafka_committed(client, list.get(), deadline.left_ms());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::vector<Committed>(partitions.size(), {.error = error});
  std::vector<Committed> answers;
  for (std::size_t i = 0; i < partitions.size(); ++i) answers.push_back(committed_of(list->elems[i]));
  return answers;
}

// The client reports an unanswered question and one that an open transaction holds up in the same way.
std::string why_not(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    return "the group's coordinator did not tell the committed offset: it does not answer, or a transaction that may "
           "change the offset is open";
  }
  return fmt::format("the group's coordinator did not tell the committed offset: {}", rd_kafka_err2str(error));
}

// How many partitions the topic has; 0: not known.
std::int32_t partitions_of(rd_kafka_t* client, const std::string& topic, const Deadline& deadline) {
  const Topic handle{rd_kafka_topic_new(client, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  if (!handle || rd_kafka_metadata(client, 0, handle.get(), &raw, deadline.left_ms()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return 0;
  }
  const Metadata metadata{raw};
  const bool known = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
  return known ? metadata->topics[0].partition_cnt : 0;
}

StartOffset start_offset_of(const Committed& committed, const StartOffsetOptions& options) {
  StartOffset start_offset{.committed = committed.offset, .start = committed.offset, .metadata = committed.metadata};
  if (committed.offset && options.partitions_in != nullptr) {
    start_offset.topic_began_with = options.partitions_in(committed.metadata, *committed.offset).value_or(0);
  }
  return start_offset;
}

// Partitions of topics without a committed offset. Everything but the end of the log is found here: see at_ends().
class LatestLookup {
 public:
  LatestLookup(rd_kafka_t* client, const StartOffsetOptions& options, const Deadline& deadline)
      : client_(client), options_(options), deadline_(deadline) {}

  void find(FoundStartOffset& found) {
    const TopicFacts& topic = topic_of(found.where.topic);
    if (!topic.why.empty()) {
      found.why = topic.why;
      return;
    }
    const auto number = static_cast<std::size_t>(found.where.partition);
    if (number < topic.committed.size() && topic.committed[number].offset) {
      found.start_offset =
          start_offset_of(topic.committed[number], options_);  // committed by another member a moment ago
      return;
    }
    const LatestStart start = start_at_latest(found.where.partition, topic.commits);
    found.start_offset = StartOffset{.topic_began_with = start.partitions, .keep = start.at_end};
  }

 private:
  struct TopicFacts {
    std::string why = {};  // why it is not known
    std::vector<Committed> committed = {};
    std::vector<CommittedPartition> commits = {};
  };

  const TopicFacts& topic_of(std::string_view name) {
    const auto [known, is_new] = topics_.try_emplace(name);
    if (is_new) known->second = ask(name);
    return known->second;
  }

  [[nodiscard]] TopicFacts ask(std::string_view name) const {
    const std::int32_t count = partitions_of(client_, std::string(name), deadline_);
    if (count <= 0) return {.why = "the brokers did not tell how many partitions the topic has"};
    std::vector<TopicPartition> all;
    for (std::int32_t i = 0; i < count; ++i) all.push_back({name, i});
    TopicFacts topic{.committed = ask_committed(client_, all, deadline_)};
    for (std::int32_t i = 0; i < count; ++i) {
      const Committed& one = topic.committed[static_cast<std::size_t>(i)];
      if (one.error != RD_KAFKA_RESP_ERR_NO_ERROR) return {.why = why_not(one.error)};
      CommittedPartition committed{.partition = i, .committed = one.offset.has_value()};
      if (one.offset && options_.partitions_in != nullptr) {
        committed.partitions = options_.partitions_in(one.metadata, *one.offset);
      }
      topic.commits.push_back(committed);
    }
    return topic;
  }

  rd_kafka_t* const client_;
  const StartOffsetOptions& options_;
  const Deadline& deadline_;
  std::map<std::string_view, TopicFacts> topics_;
};

// Sets the start of the partitions that begin at the end of their log.
void at_ends(rd_kafka_t* client, std::span<FoundStartOffset> start_offsets, const Deadline& deadline) {
  std::vector<FoundStartOffset*> found;
  std::vector<TopicPartition> partitions;
  for (FoundStartOffset& each : start_offsets) {
    if (!each.start_offset || !each.start_offset->keep) continue;
    found.push_back(&each);
    partitions.push_back(each.where);
  }
  const auto ends = ask_log_ends(client, partitions, deadline.left());
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i]->start_offset->start = ends[i];
    if (ends[i]) continue;
    found[i]->start_offset.reset();
    found[i]->why = "the partition's leader did not tell where its log ends";
  }
}

}  // namespace

std::vector<FoundStartOffset> look_up_start_offsets(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                                    const StartOffsetOptions& options, milliseconds within) {
  const Deadline deadline(within);
  const std::vector<Committed> committed = ask_committed(client, partitions, deadline);
  LatestLookup latest(client, options, deadline);
  std::vector<FoundStartOffset> start_offsets;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    FoundStartOffset found{.where = partitions[i]};
    if (committed[i].error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      found.why = why_not(committed[i].error);
    } else if (committed[i].offset || !options.from_latest) {
      found.start_offset = start_offset_of(committed[i], options);
    } else {
      latest.find(found);
    }
    start_offsets.push_back(std::move(found));
  }
  at_ends(client, start_offsets, deadline);
  return start_offsets;
}

std::optional<UnknownStartOffsets> unknown_start_offsets(std::span<const FoundStartOffset> start_offsets,
                                                         milliseconds patience) {
  const auto is_unknown = [](const FoundStartOffset& found) { return !found.start_offset; };
  const auto first = std::ranges::find_if(start_offsets, is_unknown);
  if (first == start_offsets.end()) return {};
  const auto others = std::ranges::count_if(start_offsets, is_unknown) - 1;
  const auto& [topic, partition] = first->where;
  const std::string are = others > 0 ? fmt::format(" and {} more are", others) : std::string(" is");
  return UnknownStartOffsets{first->where, fmt::format("{} [{}]{} not read yet: {}; asking again for up to {} ms",
                                                       topic, partition, are, first->why, patience.count())};
}

}  // namespace conveyor::kafka
