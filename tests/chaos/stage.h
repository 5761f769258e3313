#ifndef CONVEYOR_TESTS_CHAOS_STAGE_H_
#define CONVEYOR_TESTS_CHAOS_STAGE_H_

#include <filesystem>
#include <string>

#include "chaos/kafka_view.h"
#include "chaos/service.h"
#include "conveyor/config.h"
#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/temporary_folder.h"

namespace conveyor::tests {

/// What a run of services stands on: topics of its own for messages, answers and dead letters, and a folder for logs.
///
/// Thread safety: one thread at a time.
class Stage {
 public:
  static constexpr int kPartitions = 4;

  /// @param name part of the names of topics and group
  Stage(const std::string& bootstrap, const std::string& name);

  /// For producers.
  [[nodiscard]] Config config() const;
  [[nodiscard]] ServiceOptions service() const;
  /// In a folder of its own, which is removed at the end; where $CHAOS_LOGS names one, in that, and kept.
  [[nodiscard]] std::filesystem::path log_of(const std::string& service) const;

  const std::string bootstrap;
  const std::string input;
  const std::string output;
  const std::string dead_letters;
  const std::string group;
  KafkaAdmin admin;

 private:
  TemporaryFolder folder_{"conveyor-chaos"};
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_STAGE_H_
