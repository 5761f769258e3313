#include "kafka/mock_cluster.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>  // needs rdkafka.h before it

#include <array>
#include <utility>

#include "conveyor/error.h"
#include "kafka/handle.h"

// A new group waits 3 s for its first members; only librdkafka newer than 2.0.2 can shorten that. The declaration is
// weak, so that one build runs with both.
extern "C" __attribute__((weak)) void rd_kafka_mock_group_initial_rebalance_delay_ms(rd_kafka_mock_cluster_t* cluster,
                                                                                     std::int32_t delay_ms);

namespace conveyor::kafka {
namespace {

using ClientHandle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using ClusterHandle = std::unique_ptr<rd_kafka_mock_cluster_t, Deleter<rd_kafka_mock_cluster_destroy>>;

void log_line(const rd_kafka_t* client, int level, const char*, const char* line) noexcept {
  const auto* log = static_cast<const MockCluster::Log*>(rd_kafka_opaque(client));
  try {
    if (log && *log) (*log)(level, line);
  } catch (...) {
    // No exception may pass through librdkafka, and there is no other place to report it.
  }
}

ClientHandle new_client(const std::string& bootstrap_servers, MockCluster::Log& log) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &log);
  rd_kafka_conf_set_log_cb(conf.get(), &log_line);
  std::array<char, 512> error{};
  if (!bootstrap_servers.empty()) {
    rd_kafka_conf_set(conf.get(), "bootstrap.servers", bootstrap_servers.c_str(), error.data(), error.size());
  }
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size());
  if (!client) {
    throw Error(errc::fatal, fmt::format("the embedded broker cannot create a Kafka client: {}", error.data()));
  }
  static_cast<void>(conf.release());  // the client owns it now
  return ClientHandle(client);
}

int milliseconds_of(std::chrono::milliseconds within) { return static_cast<int>(within.count()); }

}  // namespace

struct MockCluster::State {
  Log log;
  ClientHandle owner;
  ClusterHandle cluster;
  ClientHandle client;  // asks for watermarks; destroyed first
};

MockCluster::MockCluster(int brokers, Log log) : state_(std::make_unique<State>()) {
  state_->log = std::move(log);
  state_->owner = new_client({}, state_->log);
  state_->cluster.reset(rd_kafka_mock_cluster_new(state_->owner.get(), brokers));
  if (!state_->cluster) {
    throw Error(errc::fatal, fmt::format("the embedded broker cannot start {} brokers on 127.0.0.1; are there enough "
                                         "free ports and file descriptors?",
                                         brokers));
  }
  if (&rd_kafka_mock_group_initial_rebalance_delay_ms != nullptr) {
    rd_kafka_mock_group_initial_rebalance_delay_ms(state_->cluster.get(), 0);
  }
  state_->client = new_client(bootstrap_servers(), state_->log);
}

MockCluster::~MockCluster() = default;

std::string MockCluster::bootstrap_servers() const { return rd_kafka_mock_cluster_bootstraps(state_->cluster.get()); }

void MockCluster::create_topic(const std::string& topic, int partitions) {
  const auto error = rd_kafka_mock_topic_create(state_->cluster.get(), topic.c_str(), partitions, 1);
  if (error) {
    throw Error(errc::invalid_config, fmt::format("the embedded broker cannot create topic {} with {} partitions: {}",
                                                  topic, partitions, rd_kafka_err2str(error)));
  }
}

std::vector<LowWatermark> MockCluster::low_watermarks(std::chrono::milliseconds within) const {
  const auto check = [](rd_kafka_resp_err_t error) {
    if (error) {
      throw Error(errc::timed_out, fmt::format("the embedded broker did not answer: {}", rd_kafka_err2str(error)));
    }
  };
  const rd_kafka_metadata_t* answer = nullptr;
  check(rd_kafka_metadata(state_->client.get(), 1, nullptr, &answer, milliseconds_of(within)));
  const Metadata metadata(answer);

  // The ListOffsets request uses the number of OFFSET_BEGINNING in the place of a timestamp, and a broker answers it
  // with the first offset.
  const PartitionList list(rd_kafka_topic_partition_list_new(16));
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (int j = 0; j < topic.partition_cnt; ++j) {
      rd_kafka_topic_partition_list_add(list.get(), topic.topic, topic.partitions[j].id)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
  }
  if (list->cnt == 0) return {};
  check(rd_kafka_offsets_for_times(state_->client.get(), list.get(), milliseconds_of(within)));

  std::vector<LowWatermark> marks;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = list->elems[i];
    if (!partition.err) marks.push_back({partition.topic, partition.partition, partition.offset});
  }
  return marks;
}

}  // namespace conveyor::kafka
