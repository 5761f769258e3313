#ifndef CONVEYOR_BENCH_SCALING_TOPICS_H_
#define CONVEYOR_BENCH_SCALING_TOPICS_H_

#include <chrono>
#include <map>
#include <string>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/egg/v1/egg_scan.pb.h"
#include "conveyor/producer.h"
#include "kafka/kafka_admin.h"

namespace conveyor::bench {

using ScanChannel = Channel<egg::v1::EggScan>;

inline constexpr std::chrono::minutes kPatience{2};

/// So many messages are sent before their acknowledgements are waited for. With more, five requests are on their way,
/// the most that an idempotent producer may have; as long as the broker works on them, librdkafka (2.0.2) looks for
/// room in a loop without a pause, and the broker's time would be measured as the client's.
inline constexpr int kUnacknowledged = 10'000;

/// Topics of this run of the program, on a broker that runs.
///
/// Thread safety: one thread at a time.
class Topics {
 public:
  explicit Topics(std::string bootstrap_servers);

  /// @param settings as Kafka names them, such as {"retention.bytes", "1048576"}
  [[nodiscard]] ScanChannel create(const std::string& name, int partitions,
                                   const std::map<std::string, std::string>& settings = {});
  /// Lets the broker delete what lies there.
  void empty(const ScanChannel& channel);

  [[nodiscard]] Config config() const;
  /// With a group that nobody had before.
  [[nodiscard]] Config new_group();

 private:
  const std::string bootstrap_servers_;
  const std::string run_;
  tests::KafkaAdmin admin_;
  int groups_ = 0;
};

/// A scan that has about 200 bytes when it is serialised with its stamp.
[[nodiscard]] egg::v1::EggScan small_scan();

/// @throws std::runtime_error when not everything was delivered
void flush(Producer& producer);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_SCALING_TOPICS_H_
