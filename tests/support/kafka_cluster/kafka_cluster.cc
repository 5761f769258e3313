#include "support/kafka_cluster/kafka_cluster.h"

#include <signal.h>

#include <stdexcept>
#include <utility>

#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/kafka_cluster/kafka_node.h"
#include "support/kafka_cluster/quick_start.h"
#include "support/kafka_cluster/temporary_folder.h"

namespace conveyor::tests {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Groups and failures are settled in a second or a few, where Kafka's defaults take ten times as long.
std::map<std::string, std::string> cluster_properties(int brokers) {
  const std::string all = std::to_string(brokers);
  const std::string most = brokers > 1 ? "2" : "1";
  return {
      {"num.partitions", "4"},
      {"default.replication.factor", all},
      {"min.insync.replicas", most},
      {"offsets.topic.replication.factor", all},
      {"offsets.topic.num.partitions", "3"},
      {"transaction.state.log.replication.factor", all},
      {"transaction.state.log.min.isr", most},
      {"transaction.state.log.num.partitions", "3"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"group.min.session.timeout.ms", "1000"},
      {"group.consumer.min.session.timeout.ms", "1000"},
      {"group.consumer.session.timeout.ms", "5000"},
      {"group.consumer.min.heartbeat.interval.ms", "100"},
      {"group.consumer.heartbeat.interval.ms", "300"},
      {"log.cleaner.dedupe.buffer.size", "4194304"},
      {"broker.session.timeout.ms", brokers > 1 ? "3000" : "2000"},
      {"broker.heartbeat.interval.ms", brokers > 1 ? "500" : "300"},
      {"controller.quorum.election.timeout.ms", "500"},
      {"controller.quorum.fetch.timeout.ms", "1000"},
      {"controller.quorum.election.backoff.max.ms", "200"},
      {"replica.lag.time.max.ms", "5000"},
  };
}

struct PortTaken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

struct KafkaCluster::State {
  explicit State(const KafkaClusterOptions& wanted) : options(wanted), installation(KafkaInstallation::find()) {
    make_quick_start(installation);
    java_flags = options.quick_start ? quick_start_flags(installation) : std::vector<std::string>{"-Xmx512m"};
  }

  void make_nodes() {
    for (int i = 0; i < options.brokers; ++i) {
      nodes.push_back(std::make_unique<KafkaNode>(i + 1, folder.path() / ("broker-" + std::to_string(i))));
      if (i > 0) {
        bootstrap += ',';
        voters += ',';
      }
      bootstrap += nodes.back()->address();
      voters += nodes.back()->voter();
    }
    const std::string cluster_id = random_kafka_uuid();
    for (const auto& node : nodes) {
      configure(*node, options.server_properties);
      if (options.scram_users.empty()) {
        node->format(cluster_id, installation.quick_start / "bootstrap.checkpoint");
      } else {
        node->format_slowly(installation, cluster_id, options.scram_users);
      }
    }
  }

  void configure(KafkaNode& node, std::map<std::string, std::string> properties) const {
    properties.merge(cluster_properties(options.brokers));
    properties.emplace("controller.quorum.voters", voters);
    node.configure(properties, options.listeners);
  }

  // The ports are reserved, but only against programs that do not insist; then others are taken.
  void start() {
    for (int attempt = 1;; ++attempt) {
      try {
        make_nodes();
        for (const auto& node : nodes) node->start(installation, java_flags);
        for (int i = 0; i < options.brokers; ++i) wait_until_answering(i, options.brokers);
        break;
      } catch (const PortTaken&) {
        if (attempt == 5) throw;
        nodes.clear();
        bootstrap.clear();
        voters.clear();
        std::filesystem::remove_all(folder.path());
      }
    }
    admin = std::make_unique<KafkaAdmin>(bootstrap);
    admin->warm_up_groups(options.ready_within);
  }

  // Asks that one broker only: the client is new and knows no other.
  void wait_until_answering(int broker, int brokers) {
    KafkaNode& node = *nodes.at(static_cast<std::size_t>(broker));
    KafkaAdmin asking(node.address());
    if (asking.wait_for_brokers(brokers, options.ready_within, [&] { return !node.running(); })) return;
    const auto status = node.process()->wait(milliseconds(0));
    const std::string log = node.log();
    std::string text = "Kafka broker " + std::to_string(broker);
    text += status ? " ended with status " + std::to_string(*status)
                   : " did not answer within " + std::to_string(options.ready_within / seconds(1)) + " s";
    text += "; the end of its log:\n" + last_lines(log, 20);
    if (log.find("Address already in use") != std::string::npos) throw PortTaken(text);
    throw std::runtime_error(text);
  }

  KafkaClusterOptions options;
  KafkaInstallation installation;
  std::vector<std::string> java_flags = {};
  TemporaryFolder folder{"conveyor-kafka"};
  std::vector<std::unique_ptr<KafkaNode>> nodes = {};
  std::string bootstrap = {};
  std::string voters = {};
  std::unique_ptr<KafkaAdmin> admin = {};

  [[nodiscard]] KafkaNode& node(int broker) const { return *nodes.at(static_cast<std::size_t>(broker)); }
};

KafkaCluster::KafkaCluster(const KafkaClusterOptions& options) : state_(std::make_unique<State>(options)) {
  state_->start();
}
KafkaCluster::~KafkaCluster() = default;

const std::string& KafkaCluster::bootstrap_servers() const noexcept { return state_->bootstrap; }
int KafkaCluster::brokers() const noexcept { return state_->options.brokers; }
pid_t KafkaCluster::pid(int broker) const { return state_->node(broker).process()->pid(); }
bool KafkaCluster::running(int broker) const { return state_->node(broker).running(); }

void KafkaCluster::stop(int broker) { state_->node(broker).process()->terminate(seconds(10)); }
void KafkaCluster::kill(int broker) {
  ChildProcess& process = *state_->node(broker).process();
  process.signal(SIGKILL);
  process.wait(seconds(30));
}
void KafkaCluster::pause(int broker) { state_->node(broker).process()->freeze(); }
void KafkaCluster::resume(int broker) { state_->node(broker).process()->signal(SIGCONT); }

void KafkaCluster::restart(int broker) {
  state_->node(broker).start(state_->installation, state_->java_flags);
  state_->wait_until_answering(broker, 1);
}

void KafkaCluster::reconfigure(int broker, const std::map<std::string, std::string>& server_properties) {
  state_->configure(state_->node(broker), server_properties);
}

void KafkaCluster::wait_until_in_sync(milliseconds within) {
  if (!state_->admin->wait_until_in_sync(within)) {
    throw std::runtime_error("not every replica was in sync within " + std::to_string(within / seconds(1)) + " s");
  }
}

void KafkaCluster::create_topic(const std::string& name, int partitions,
                                const std::map<std::string, std::string>& configs) {
  state_->admin->create_topic(name, partitions, configs);
}

std::string KafkaCluster::log_tail(int broker, int lines) const {
  return last_lines(state_->node(broker).log(), lines);
}

}  // namespace conveyor::tests
