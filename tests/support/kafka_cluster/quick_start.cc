#include "support/kafka_cluster/quick_start.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/kafka_node.h"
#include "support/kafka_cluster/temporary_folder.h"

namespace conveyor::tests {

namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

/// Held by one process at a time; the kernel lets go of it when that process ends.
class FileLock {
 public:
  explicit FileLock(const fs::path& path) : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
    while (flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FileLock() { close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

const std::vector<std::string> kSmall{"-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"};

// What StorageTool wrote of the cluster's features: up to Kafka 4.3 in a file of its own, from 4.4 on as the metadata
// log's first snapshot. Brokers of both kinds start from the former.
fs::path formatted_checkpoint(const fs::path& data) {
  const fs::path snapshot = data / "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
  return fs::exists(snapshot) ? snapshot : data / "bootstrap.checkpoint";
}

// Runs one broker, with some use of it, so that the JVM writes down the classes it loaded when it ends.
void record_classes(const KafkaInstallation& installation, KafkaNode& node, const fs::path& archive) {
  std::vector<std::string> flags = kSmall;
  flags.push_back("-XX:ArchiveClassesAtExit=" + archive.string());
  node.start(installation, flags);
  KafkaAdmin admin(node.address());
  if (!admin.wait_for_brokers(1, seconds(60), [&] { return !node.running(); })) {
    throw std::runtime_error("the first start of Apache Kafka failed; the end of its log:\n" +
                             last_lines(node.log(), 20));
  }
  admin.create_topic("first", 1);
  admin.warm_up_groups(seconds(30));
  node.process()->terminate(seconds(60));
}

}  // namespace

void make_quick_start(const KafkaInstallation& installation) {
  const fs::path& wanted = installation.quick_start;
  if (fs::exists(wanted)) return;
  const FileLock lock(wanted.parent_path() / "kafka-quick-start.lock");
  if (fs::exists(wanted)) return;

  const fs::path unfinished = wanted.string() + ".unfinished";
  fs::remove_all(unfinished);
  fs::create_directories(unfinished);
  const TemporaryFolder folder("conveyor-kafka-first-start");
  KafkaNode node(1, folder.path());
  node.configure({{"controller.quorum.voters", node.voter()},
                  {"offsets.topic.replication.factor", "1"},
                  {"offsets.topic.num.partitions", "1"},
                  {"log.cleaner.dedupe.buffer.size", "4194304"}});
  node.format_slowly(installation, random_kafka_uuid());
  fs::copy_file(formatted_checkpoint(node.data_folder()), unfinished / "bootstrap.checkpoint");
  record_classes(installation, node, unfinished / "kafka.jsa");
  fs::rename(unfinished, wanted);
}

std::vector<std::string> quick_start_flags(const KafkaInstallation& installation) {
  std::vector<std::string> flags = kSmall;
  const fs::path archive = installation.quick_start / "kafka.jsa";
  if (fs::exists(archive)) flags.push_back("-XX:SharedArchiveFile=" + archive.string());
  return flags;
}

}  // namespace conveyor::tests
