#include "kafka/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "kafka/deadline.h"
#include "kafka/errors.h"
#include "kafka/partition_list.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;
using OffsetsQuestion =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

constexpr milliseconds kSlice{100};  // how soon a stop is noticed
constexpr milliseconds kGoneWithin{2'000};

// With read_uncommitted a log ends where its next record will be. Otherwise it ends before the first open transaction,
// and no lag would count what is in it.
Properties required() { return {{"allow.auto.create.topics", "false"}, {"isolation.level", "read_uncommitted"}}; }

PartitionFacts facts_of(const rd_kafka_metadata_partition_t& partition) {
  return {.partition = partition.id,
          .leader = partition.leader,
          .replicas = partition.replica_cnt,
          .in_sync = partition.isr_cnt};
}

TopicFacts facts_of(const rd_kafka_metadata_topic_t& topic) {
  TopicFacts facts{.name = topic.topic};
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) facts.error = rd_kafka_err2str(topic.err);
  const std::span partitions{topic.partitions, static_cast<std::size_t>(topic.partition_cnt)};
  for (const auto& partition : partitions) facts.partitions.push_back(facts_of(partition));
  std::ranges::sort(facts.partitions, {}, &PartitionFacts::partition);
  return facts;
}

MemberFacts facts_of(const rd_kafka_MemberDescription_t* member) {
  MemberFacts facts{.id = rd_kafka_MemberDescription_consumer_id(member),
                    .client_id = rd_kafka_MemberDescription_client_id(member),
                    .host = rd_kafka_MemberDescription_host(member)};
  const auto* assignment = rd_kafka_MemberDescription_assignment(member);
  const auto* list = assignment != nullptr ? rd_kafka_MemberAssignment_partitions(assignment) : nullptr;
  if (list != nullptr) facts.partitions = partitions_in(list);
  return facts;
}

GroupFacts facts_of(const rd_kafka_ConsumerGroupDescription_t* group) {
  GroupFacts facts{.name = rd_kafka_ConsumerGroupDescription_group_id(group),
                   .state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))};
  const auto* error = rd_kafka_ConsumerGroupDescription_error(group);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    facts.error = rd_kafka_error_string(error);
  }
  const std::size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
  for (std::size_t i = 0; i < count; ++i) {
    facts.members.push_back(facts_of(rd_kafka_ConsumerGroupDescription_member(group, i)));
  }
  return facts;
}

CommittedFacts facts_of(const rd_kafka_group_result_t* result) {
  CommittedFacts facts{.group = rd_kafka_group_result_name(result)};
  const auto* error = rd_kafka_group_result_error(result);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    facts.error = rd_kafka_error_string(error);
    return facts;
  }
  const auto* list = rd_kafka_group_result_partitions(result);
  if (list == nullptr) return facts;
  for (const auto& element : elements(list)) {
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR && element.offset >= 0) {
      facts.offsets.emplace_back(where_of(element), element.offset);
    }
  }
  return facts;
}

}  // namespace

Cluster::Cluster(const Config& config, const ClusterOptions& options)
    : bootstrap_servers_(config.bootstrap_servers),
      options_(options),
      client_(RD_KAFKA_CONSUMER, config, {}, required(), RD_KAFKA_EVENT_ERROR),
      events_(rd_kafka_queue_get_main(client_.get())) {
  client_.wait_until_connected(options_.patience, bootstrap_servers_);
}

Cluster::~Cluster() {
  events_.reset();
  client_.begin_destroy();
  client_.wait_until_gone(kGoneWithin);
}

void Cluster::serve_events() {
  while (const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) client_.on_error_event(event.get());
  }
}

void Cluster::fail(rd_kafka_resp_err_t error, const std::string& text) const {
  const errc code = errc_of(error, errc::retryable);
  if (code == errc::broker_unreachable || error == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    throw unreachable(client_.reporter(), bootstrap_servers_, options_.patience);
  }
  throw Error(code, text);
}

std::vector<KafkaEvent> Cluster::ask(rd_kafka_admin_op_t kind, const std::string& doing, std::size_t questions,
                                     const AskAdmin& asking) {
  const AdminOptions admin{rd_kafka_AdminOptions_new(client_.get(), kind)};
  std::array<char, 256> refused{};
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), static_cast<int>(options_.patience.count()), refused.data(),
                                            refused.size());
  const Queue queue{rd_kafka_queue_new(client_.get())};
  asking(admin.get(), queue.get());
  std::vector<KafkaEvent> answers;
  // The client answers itself once its own timeout has passed.
  const Deadline deadline(options_.patience + kGoneWithin);
  while (answers.size() < questions) {
    if (options_.stop.stop_requested()) throw Error(errc::stopped, "stopped while asking for " + doing);
    KafkaEvent event{rd_kafka_queue_poll(queue.get(), static_cast<int>(std::min(kSlice, deadline.left()).count()))};
    serve_events();
    if (!event) {
      if (deadline.left() <= milliseconds(1)) fail(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
      continue;
    }
    if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* why = rd_kafka_event_error_string(event.get());
      fail(error,
           fmt::format("{} on {}: {}", doing, bootstrap_servers_, why != nullptr ? why : rd_kafka_err2str(error)));
    }
    answers.push_back(std::move(event));
  }
  return answers;
}

std::vector<TopicFacts> Cluster::topics() {
  // Asking for all topics creates none.
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, static_cast<int>(options_.patience.count()));
  const Metadata metadata{raw};
  serve_events();
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(error, fmt::format("the topics on {}: {}", bootstrap_servers_, rd_kafka_err2str(error)));
  }
  std::vector<TopicFacts> topics;
  for (const auto& topic : std::span{metadata->topics, static_cast<std::size_t>(metadata->topic_cnt)}) {
    topics.push_back(facts_of(topic));
  }
  std::ranges::sort(topics, {}, &TopicFacts::name);
  return topics;
}

std::map<std::string, std::map<std::string, std::string>> Cluster::settings_of(std::span<const std::string> topics) {
  std::map<std::string, std::map<std::string, std::string>> found;
  if (topics.empty()) return found;
  std::vector<Resource> resources;
  std::vector<rd_kafka_ConfigResource_t*> asked;
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    asked.push_back(resources.back().get());
  }
  const auto answers = ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "the settings of topics", 1,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                             rd_kafka_DescribeConfigs(client_.get(), asked.data(), asked.size(), options, queue);
                           });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(answers.front().get());
  const auto* all = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (const auto* resource : std::span{all, count}) {
    if (rd_kafka_ConfigResource_error(resource) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    auto& settings = found[rd_kafka_ConfigResource_name(resource)];
    std::size_t entries = 0;
    const auto* configs = rd_kafka_ConfigResource_configs(resource, &entries);
    for (const auto* entry : std::span{configs, entries}) {
      const char* value = rd_kafka_ConfigEntry_value(entry);
      if (value != nullptr) settings.emplace(rd_kafka_ConfigEntry_name(entry), value);
    }
  }
  return found;
}

std::vector<std::string> Cluster::groups() {
  const auto answers = ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, "the groups", 1,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                             rd_kafka_ListConsumerGroups(client_.get(), options, queue);
                           });
  const auto* result = rd_kafka_event_ListConsumerGroups_result(answers.front().get());
  std::size_t count = 0;
  // Each broker names the groups that it coordinates, so groups would be missing without a word.
  const auto* errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) {
    fail(rd_kafka_error_code(*errors),
         fmt::format("the groups on {}: {}", bootstrap_servers_, rd_kafka_error_string(*errors)));
  }
  const auto* valid = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<std::string> names;
  for (const auto* group : std::span{valid, count}) names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(group));
  std::ranges::sort(names);
  return names;
}

std::vector<GroupFacts> Cluster::describe(std::span<const std::string> groups) {
  std::vector<GroupFacts> found;
  if (groups.empty()) return found;
  std::vector<const char*> names;
  for (const std::string& group : groups) names.push_back(group.c_str());
  const auto answers = ask(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, "the members of groups", 1,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                             rd_kafka_DescribeConsumerGroups(client_.get(), names.data(), names.size(), options, queue);
                           });
  std::size_t count = 0;
  const auto* all = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answers.front().get()), &count);
  for (const auto* group : std::span{all, count}) found.push_back(facts_of(group));
  return found;
}

// librdkafka takes one group a question; all questions are asked at the same time.
std::vector<CommittedFacts> Cluster::committed(std::span<const std::string> groups) {
  const auto answers =
      ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, "the committed offsets of groups", groups.size(),
          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            for (const std::string& group : groups) {
              const OffsetsQuestion question{rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr)};
              rd_kafka_ListConsumerGroupOffsets_t* one = question.get();
              rd_kafka_ListConsumerGroupOffsets(client_.get(), &one, 1, options, queue);
            }
          });
  std::map<std::string, CommittedFacts, std::less<>> by_group;
  for (const auto& answer : answers) {
    std::size_t count = 0;
    const auto* all = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(answer.get()), &count);
    for (const auto* result : std::span{all, count}) {
      CommittedFacts facts = facts_of(result);
      by_group.insert_or_assign(facts.group, std::move(facts));
    }
  }
  std::vector<CommittedFacts> found;
  for (const std::string& group : groups) {
    by_group[group].group = group;
    found.push_back(by_group[group]);
  }
  return found;
}

std::vector<std::optional<LogRange>> Cluster::log_ranges(std::span<const TopicPartition> partitions) {
  return ask_log_ranges(client_.get(), partitions, options_.patience);
}

std::vector<std::optional<std::int64_t>> Cluster::log_ends(std::span<const TopicPartition> partitions) {
  return ask_log_ends(client_.get(), partitions, options_.patience);
}

std::vector<std::optional<std::int64_t>> Cluster::offsets_at(std::span<const TopicPartition> partitions,
                                                             std::chrono::system_clock::time_point time) {
  const auto since_1970 = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
  const PartitionList list = list_of(partitions);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = std::max<std::int64_t>(since_1970, 0);
  std::vector<std::optional<std::int64_t>> found(partitions.size());
  const auto error = rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(options_.patience.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const auto ends = log_ends(partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto& answer = list->elems[i];
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    found[i] = answer.offset >= 0 ? std::optional(answer.offset) : ends[i];  // -1: no record is that young
  }
  return found;
}

}  // namespace conveyor::kafka
