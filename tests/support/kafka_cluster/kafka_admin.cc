#include "support/kafka_cluster/kafka_admin.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

namespace conveyor::tests {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

template <auto destroy>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Deleter<destroy>>;
using Metadata = Handle<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;

int left_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 1));
}

// Asks again and again until the answer is right; an answer that is not is asked for again after 20 ms.
bool wait_for_metadata(rd_kafka_t* client, rd_kafka_topic_t* topic, milliseconds within,
                       const std::function<bool(const rd_kafka_metadata_t&)>& right,
                       const std::function<bool()>& give_up = {}) {
  const auto deadline = Clock::now() + within;
  do {
    const rd_kafka_metadata_t* answer = nullptr;
    const int patience = std::min(left_until(deadline), 500);
    if (rd_kafka_metadata(client, topic == nullptr ? 1 : 0, topic, &answer, patience) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const Metadata owned(answer);
      if (right(*answer)) return true;
    }
    if (give_up && give_up()) return false;
    std::this_thread::sleep_for(milliseconds(20));
  } while (Clock::now() < deadline);
  return false;
}

bool in_sync(const rd_kafka_metadata_topic_t& topic) {
  const auto* const first = topic.partitions;
  return topic.err == RD_KAFKA_RESP_ERR_NO_ERROR &&
         std::all_of(first, first + topic.partition_cnt, [](const rd_kafka_metadata_partition_t& partition) {
           return partition.leader >= 0 && partition.isr_cnt == partition.replica_cnt;
         });
}

struct Refusal {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text = {};

  // A machine that gives a broker no time for broker.session.timeout.ms makes the controller take it for dead, until
  // its next heartbeat.
  [[nodiscard]] bool brokers_are_fenced() const {
    return error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR && text.find("fenced") != std::string::npos;
  }
};

Refusal creation(rd_kafka_t* client, rd_kafka_NewTopic_t* wanted, Clock::time_point deadline) {
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue.get());
  const Handle<rd_kafka_event_t, rd_kafka_event_destroy> event(rd_kafka_queue_poll(queue.get(), left_until(deadline)));
  if (event == nullptr) return {RD_KAFKA_RESP_ERR__TIMED_OUT, "it was not created within 30 s"};
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {error, rd_kafka_event_error_string(event.get())};
  }
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1) return {RD_KAFKA_RESP_ERR__FAIL, "the answer is about other topics"};
  const char* const text = rd_kafka_topic_result_error_string(results[0]);
  return {rd_kafka_topic_result_error(results[0]), text == nullptr ? "" : text};
}

}  // namespace

void KafkaAdmin::Destroy::operator()(rd_kafka_s* client) const noexcept { rd_kafka_destroy(client); }

KafkaAdmin::KafkaAdmin(const std::string& bootstrap_servers) {
  char error[512];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap_servers.c_str()},
                                                          {"group.id", "kafka-admin"},
                                                          {"reconnect.backoff.ms", "20"},
                                                          {"reconnect.backoff.max.ms", "50"},
                                                          {"log_level", "0"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(error);
    }
  }
  client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error));
  if (client_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(error);
  }
}

KafkaAdmin::~KafkaAdmin() = default;

bool KafkaAdmin::wait_for_brokers(int brokers, milliseconds within, const std::function<bool()>& give_up) {
  return wait_for_metadata(
      client_.get(), nullptr, within, [&](const rd_kafka_metadata_t& answer) { return answer.broker_cnt >= brokers; },
      give_up);
}

bool KafkaAdmin::wait_until_in_sync(milliseconds within) {
  return wait_for_metadata(client_.get(), nullptr, within, [](const rd_kafka_metadata_t& answer) {
    return std::all_of(answer.topics, answer.topics + answer.topic_cnt, in_sync);
  });
}

void KafkaAdmin::warm_up_groups(milliseconds within) {
  using Partitions = Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
  const auto deadline = Clock::now() + within;
  rd_kafka_resp_err_t error;
  do {
    const Partitions partitions(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(partitions.get(), "warm-up", 0);
    error = rd_kafka_committed(client_.get(), partitions.get(), left_until(deadline));
  } while (error != RD_KAFKA_RESP_ERR_NO_ERROR && Clock::now() < deadline);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string("the brokers' group coordinator is not ready: ") + rd_kafka_err2str(error));
  }
}

void KafkaAdmin::create_topic(const std::string& name, int partitions,
                              const std::map<std::string, std::string>& configs, int replicas) {
  char error[512];
  const Handle<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> wanted(
      rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, error, sizeof error));
  if (wanted == nullptr) throw std::runtime_error("topic " + name + ": " + error);
  for (const auto& [key, value] : configs) rd_kafka_NewTopic_set_config(wanted.get(), key.c_str(), value.c_str());

  const auto deadline = Clock::now() + milliseconds(30'000);
  Refusal refusal;
  while ((refusal = creation(client_.get(), wanted.get(), deadline)).brokers_are_fenced() && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(200));
  }
  // The answer came too late for the client, which asked again. That it is the topic we want is seen below.
  if (refusal.error != RD_KAFKA_RESP_ERR_NO_ERROR && refusal.error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    throw std::runtime_error("topic " + name + ": " + refusal.text);
  }

  const Handle<rd_kafka_topic_t, rd_kafka_topic_destroy> topic(
      rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  const bool ready = wait_for_metadata(client_.get(), topic.get(), milliseconds(30'000), [&](const auto& answer) {
    return answer.topic_cnt == 1 && answer.topics[0].partition_cnt == partitions && in_sync(answer.topics[0]);
  });
  if (!ready) throw std::runtime_error("topic " + name + " has no leaders within 30 s of being created");
}

namespace {

rd_kafka_ResourceType_t type_of(KafkaRight::Resource resource) {
  return resource == KafkaRight::Resource::kTopic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_GROUP;
}

rd_kafka_AclOperation_t operation_of(KafkaRight::Operation operation) {
  return operation == KafkaRight::Operation::kRead ? RD_KAFKA_ACL_OPERATION_READ : RD_KAFKA_ACL_OPERATION_WRITE;
}

using Acl = Handle<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;
using Event = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;

Event answer_in(rd_kafka_queue_t* queue, const std::string& doing) {
  Event event(rd_kafka_queue_poll(queue, 30'000));
  if (event == nullptr) throw std::runtime_error(doing + ": no answer within 30 s");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(doing + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Acl filter_of(const KafkaRight& right) {
  char error[512];
  Acl filter(rd_kafka_AclBindingFilter_new(
      type_of(right.resource), right.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, ("User:" + right.user).c_str(),
      "*", operation_of(right.operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error, sizeof error));
  if (filter == nullptr) throw std::runtime_error(error);
  return filter;
}

/// The controller answers a change; the broker, which decides by what it has heard from the controller, hears of it a
/// moment later.
void wait_until_broker_knows(rd_kafka_t* client, const KafkaRight& right, bool granted) {
  const Acl filter = filter_of(right);
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client));
  for (const auto deadline = Clock::now() + milliseconds(30'000); Clock::now() < deadline;) {
    rd_kafka_DescribeAcls(client, filter.get(), nullptr, queue.get());
    const Event event = answer_in(queue.get(), "asking for a right");
    std::size_t count = 0;
    static_cast<void>(rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count));
    if ((count > 0) == granted) return;
    std::this_thread::sleep_for(milliseconds(20));
  }
  throw std::runtime_error("the broker did not hear of a right within 30 s");
}

}  // namespace

void KafkaAdmin::grant(const KafkaRight& right) {
  char error[512];
  const Acl acl(rd_kafka_AclBinding_new(type_of(right.resource), right.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                                        ("User:" + right.user).c_str(), "*", operation_of(right.operation),
                                        RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error, sizeof error));
  if (acl == nullptr) throw std::runtime_error(error);
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_AclBinding_t* list[] = {acl.get()};
  rd_kafka_CreateAcls(client_.get(), list, 1, nullptr, queue.get());
  const Event event = answer_in(queue.get(), "granting a right");
  std::size_t count = 0;
  const auto* const results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto* const refused = rd_kafka_acl_result_error(results[i])) {
      throw std::runtime_error(std::string("granting a right: ") + rd_kafka_error_string(refused));
    }
  }
  wait_until_broker_knows(client_.get(), right, true);
}

void KafkaAdmin::revoke(const KafkaRight& right) {
  const Acl filter = filter_of(right);
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_AclBindingFilter_t* list[] = {filter.get()};
  rd_kafka_DeleteAcls(client_.get(), list, 1, nullptr, queue.get());
  const Event event = answer_in(queue.get(), "taking a right away");
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event.get()), &count);
  std::size_t deleted = 0;
  if (count == 1) static_cast<void>(rd_kafka_DeleteAcls_result_response_matching_acls(results[0], &deleted));
  if (deleted != 1) throw std::runtime_error("taking a right away: there was no such right");
  wait_until_broker_knows(client_.get(), right, false);
}

void KafkaAdmin::delete_topic(const std::string& name) {
  const Handle<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> wanted(rd_kafka_DeleteTopic_new(name.c_str()));
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteTopic_t* list[] = {wanted.get()};
  rd_kafka_DeleteTopics(client_.get(), list, 1, nullptr, queue.get());
  const Handle<rd_kafka_event_t, rd_kafka_event_destroy> event(rd_kafka_queue_poll(queue.get(), 30'000));
  if (event == nullptr) throw std::runtime_error("topic " + name + " was not deleted within 30 s");
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error("topic " + name + ": " + rd_kafka_topic_result_error_string(results[i]));
    }
  }
}

void KafkaAdmin::delete_records(const std::string& topic, int partition, std::int64_t before) {
  const Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy> offsets(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition)->offset = before;
  const Handle<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> wanted(
      rd_kafka_DeleteRecords_new(offsets.get()));
  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteRecords_t* list[] = {wanted.get()};
  rd_kafka_DeleteRecords(client_.get(), list, 1, nullptr, queue.get());
  const Handle<rd_kafka_event_t, rd_kafka_event_destroy> event(rd_kafka_queue_poll(queue.get(), 30'000));
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("records of " + topic + " were not deleted");
  }
}

void KafkaAdmin::set_topic_configs(const std::string& name, const std::map<std::string, std::string>& configs) {
  const Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy> wanted(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  for (const auto& [key, value] : configs) rd_kafka_ConfigResource_set_config(wanted.get(), key.c_str(), value.c_str());

  const Handle<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_ConfigResource_t* list[] = {wanted.get()};
  rd_kafka_AlterConfigs(client_.get(), list, 1, nullptr, queue.get());
  const Handle<rd_kafka_event_t, rd_kafka_event_destroy> event(rd_kafka_queue_poll(queue.get(), 30'000));
  if (event == nullptr) throw std::runtime_error("topic " + name + " was not changed within 30 s");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("topic " + name + ": " + rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error("topic " + name + ": " + rd_kafka_ConfigResource_error_string(results[i]));
    }
  }
}

}  // namespace conveyor::tests
