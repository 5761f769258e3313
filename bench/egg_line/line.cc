#include "egg_line/line.h"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "egg_line/board.h"
#include "egg_line/stages.h"
#include "kafka/child_process.h"
#include "kafka/kafka_admin.h"
#include "kafka/kafka_cluster.h"
#include "kafka/kafka_node.h"
#include "kafka/temporary_folder.h"

namespace conveyor::bench {
namespace {

using namespace std::chrono_literals;
using tests::ChildProcess;
using tests::KafkaCluster;

constexpr std::size_t kMostScans = 8'000'000;
/// More than this on their way means that the line does not keep up; further ones wait at the scanner, late already.
constexpr std::int64_t kMostUnderWay = 10'000;
constexpr std::int64_t kSecond = 1'000'000'000;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Seconds on a processor, in user and kernel mode; 0 when the process is gone.
double cpu_seconds(pid_t process) {
  const std::string text = contents("/proc/" + std::to_string(process) + "/stat");
  const std::size_t name_end = text.rfind(')');  // the name before it may have blanks
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string ignored;
  for (int i = 0; i < 11; ++i) fields >> ignored;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Seconds that the machine's processors were busy since it began, all together.
double machine_seconds() {
  std::istringstream fields(contents("/proc/stat"));
  std::string ignored;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0, stolen = 0;
  fields >> ignored >> user >> nice >> system >> idle >> waiting >> interrupts >> soft >> stolen;
  return (user + nice + system + interrupts + soft + stolen) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double resident_mb(pid_t process) {
  std::istringstream pages(contents("/proc/" + std::to_string(process) + "/statm"));
  double all = 0, resident = 0;
  pages >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

/// What is kept of a topic: enough for all that may be under way, and no more, so that an hour fills no disk.
std::map<std::string, std::string> topic_settings(int partitions) {
  constexpr std::int64_t kKept = std::int64_t{1} << 30;
  return {{"segment.bytes", "33554432"}, {"retention.bytes", std::to_string(kKept / partitions)}};
}

enum Part { kDecode, kPreprocess, kInference, kEncode, kPredictions, kBatches, kDeadLetters, kParts };

double sum_of(const std::vector<std::pair<std::string, double>>& stages) {
  double sum = 0;
  for (const auto& stage : stages) sum += stage.second;
  return sum;
}

std::array<std::int64_t, kParts> parts_of(const BoardHead& head) {
  std::array<std::int64_t, kParts> sums{};
  for (const WorkerFigures& worker : head.workers) {
    sums[kDecode] += worker.decode_us;
    sums[kPreprocess] += worker.preprocess_us;
    sums[kInference] += worker.inference_us;
    sums[kEncode] += worker.encode_us;
    sums[kPredictions] += worker.predictions;
    sums[kBatches] += worker.batches;
    sums[kDeadLetters] += worker.dead_letters;
  }
  return sums;
}

}  // namespace

double Measured::latency_at(double share) const {
  if (latency_ms.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(latency_ms.size())));
  return latency_ms[std::clamp<std::size_t>(rank, 1, latency_ms.size()) - 1];
}

struct Line::State {
  State(const Options& wanted, std::vector<std::string> program, const KafkaCluster* cluster)
      : options(wanted), command(std::move(program)), kafka(cluster), board(kMostScans) {
    tests::KafkaAdmin admin(options.bootstrap_servers);
    for (const std::string& topic : topics()) {
      admin.create_topic(topic, options.partitions, topic_settings(options.partitions));
    }
    reader = start("reader", 0);
    for (int i = 0; i < options.workers; ++i) workers.push_back(start("worker", i));
    scanner = start("scanner", 0);
    wait_until([this] { return ready(); }, 120s, "the stages were not ready");
  }

  [[nodiscard]] std::vector<std::string> topics() const {
    return {kScansTopic + options.topics, kPredictionsTopic + options.topics};
  }

  std::unique_ptr<ChildProcess> start(const std::string& stage, int index) {
    std::vector<std::string> words = command;
    words.insert(words.end(), {"--stage", stage, "--index", std::to_string(index), "--board", board.path()});
    if (!options.topics.empty()) words.insert(words.end(), {"--topics", options.topics});
    if (kafka != nullptr) words.insert(words.end(), {"--bootstrap-servers", options.bootstrap_servers});
    return std::make_unique<ChildProcess>(std::move(words), folder.path() / "output");
  }

  [[nodiscard]] bool ready() const {
    const BoardHead& head = board.head();
    std::int64_t assigned = 0, idle = 0;
    for (int i = 0; i < options.workers; ++i) {
      const std::int64_t partitions = head.workers[static_cast<std::size_t>(i)].partitions;
      assigned += partitions;
      idle += partitions == 0 ? 1 : 0;
    }
    return head.scanner_ready && head.reader_partitions == options.partitions && assigned == options.partitions &&
           idle == std::max(0, options.workers - options.partitions);
  }

  void check_stages() const {
    check("reader", *reader);
    check("scanner", *scanner);
    for (const auto& worker : workers) check("worker", *worker);
  }
  void check(const std::string& stage, ChildProcess& process) const {
    if (const auto status = process.wait(0ms)) {
      throw std::runtime_error("the " + stage + " ended with status " + std::to_string(*status) + ":\n" +
                               tests::last_lines(contents(folder.path() / "output"), 20));
    }
  }

  /// Looks every 10 ms. @return whether it came to be in time
  bool look_until(const std::function<bool()>& reached, std::chrono::nanoseconds within) const {
    const std::int64_t deadline = now_ns() + within.count();
    while (!reached()) {
      check_stages();
      if (now_ns() > deadline) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }
  void wait_until(const std::function<bool()>& reached, std::chrono::nanoseconds within, const char* otherwise) const {
    if (!look_until(reached, within)) throw std::runtime_error(otherwise);
  }

  /// Seconds on a processor, of each stage since it began.
  [[nodiscard]] std::vector<std::pair<std::string, double>> cpu() const {
    double working = 0;
    for (const auto& worker : workers) working += cpu_seconds(worker->pid());
    std::vector<std::pair<std::string, double>> all = {
        {"scanner", cpu_seconds(scanner->pid())}, {"worker", working}, {"reader", cpu_seconds(reader->pid())}};
    if (kafka != nullptr) all.emplace_back("kafka", cpu_seconds(kafka->pid(0)));
    return all;
  }
  [[nodiscard]] double worker_mb() const {
    double sum = 0;
    for (const auto& worker : workers) sum += resident_mb(worker->pid());
    return sum;
  }

  const Options options;
  const std::vector<std::string> command;
  const KafkaCluster* const kafka;
  tests::TemporaryFolder folder{"egg-line"};
  Board board;
  std::unique_ptr<ChildProcess> reader = {};
  std::unique_ptr<ChildProcess> scanner = {};
  std::vector<std::unique_ptr<ChildProcess>> workers = {};
};

std::optional<double> Measured::worker_growth() const {
  constexpr std::size_t kLeast = 10;
  if (worker_mb.size() < kLeast) return std::nullopt;
  const std::size_t first = worker_mb.size() / 10;
  const auto count = static_cast<double>(worker_mb.size() - first);
  double seconds = 0, mb = 0, squares = 0, products = 0;
  for (std::size_t second = first; second < worker_mb.size(); ++second) {
    const auto time = static_cast<double>(second);
    seconds += time;
    mb += worker_mb[second];
    squares += time * time;
    products += time * worker_mb[second];
  }
  return (count * products - seconds * mb) / (count * squares - seconds * seconds) * 60;
}

Line::Line(const Options& options, std::vector<std::string> command, const KafkaCluster* kafka)
    : state_(std::make_unique<State>(options, std::move(command), kafka)) {}
Line::~Line() = default;

void Line::clear() {
  State& line = *state_;
  line.scanner.reset();
  line.workers.clear();
  line.reader.reset();
  tests::KafkaAdmin admin(line.options.bootstrap_servers);
  for (const std::string& topic : line.topics()) admin.set_topic_configs(topic, {{"retention.bytes", "0"}});
}

Measured Line::run(const Load& load) {
  State& line = *state_;
  BoardHead& head = line.board.head();
  const std::int64_t first = head.sent;
  const auto cpu_before = line.cpu();
  const double machine_before = machine_seconds();
  const auto parts_before = parts_of(head);

  const std::int64_t start = now_ns() + kSecond / 10;
  const std::int64_t end = start + load.seconds * kSecond;
  head.start_ns = start;
  head.end_ns = end;
  head.interval_ns = load.rate > 0 ? static_cast<std::int64_t>(1e9 / load.rate) : 0;
  head.window = load.rate > 0 ? kMostUnderWay : line.options.window;
  const std::int64_t phase = head.phase + 1;
  head.phase = phase;

  Measured measured;
  std::int64_t arrived = head.arrived;
  const std::int64_t arrived_before = arrived;
  measured.least_in_a_second = 1e12;
  for (std::int64_t second = start + kSecond; second <= end; second += kSecond) {
    line.look_until([&] { return now_ns() >= second; }, 2s);
    measured.least_in_a_second = std::min(measured.least_in_a_second, static_cast<double>(head.arrived - arrived));
    arrived = head.arrived;
    measured.worker_mb.push_back(line.worker_mb());
  }
  measured.machine_cores = (machine_seconds() - machine_before) / load.seconds;
  measured.line_cores = (sum_of(line.cpu()) - sum_of(cpu_before)) / load.seconds;
  measured.per_second = static_cast<double>(arrived - arrived_before) / load.seconds;
  line.wait_until([&] { return head.phase_done == phase; }, 300s, "the scanner did not come to an end");
  line.look_until([&] { return head.arrived == head.sent; }, 30s);
  std::this_thread::sleep_for(100ms);  // the workers publish what they did every 20 ms

  measured.scans = head.sent - first;
  measured.scan_bytes = static_cast<double>(head.record_bytes);
  for (const Scan& scan :
       line.board.scans().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(measured.scans))) {
    if (scan.arrivals == 0) {
      ++measured.missing;
    } else {
      measured.doubled += scan.arrivals - 1;
      measured.latency_ms.push_back(static_cast<double>(scan.arrived_ns - scan.scheduled_ns) / 1e6);
    }
  }
  std::sort(measured.latency_ms.begin(), measured.latency_ms.end());

  const auto scans = static_cast<double>(std::max<std::int64_t>(measured.scans, 1));
  const auto cpu_after = line.cpu();
  for (std::size_t i = 0; i < cpu_after.size(); ++i) {
    measured.cpu_us.emplace_back(cpu_after[i].first, (cpu_after[i].second - cpu_before[i].second) * 1e6 / scans);
  }
  auto parts = parts_of(head);
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] -= parts_before[i];
  const char* const names[] = {"decode", "preprocess", "inference", "encode"};
  for (std::size_t i = kDecode; i <= kEncode; ++i) {
    measured.part_us.emplace_back(names[i], static_cast<double>(parts[i]) / scans);
  }
  measured.scans_in_a_batch =
      static_cast<double>(parts[kPredictions]) / static_cast<double>(std::max<std::int64_t>(parts[kBatches], 1));
  measured.dead_letters = parts[kDeadLetters];
  return measured;
}

}  // namespace conveyor::bench
