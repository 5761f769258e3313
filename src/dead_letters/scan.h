#ifndef CONVEYOR_SRC_DEAD_LETTERS_SCAN_H_
#define CONVEYOR_SRC_DEAD_LETTERS_SCAN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/dead_letters.h"
#include "kafka/topic_reader.h"

namespace conveyor::detail {

/// What is to be read of a topic: of each partition the offsets that the filter allows, from where the group stopped.
/// @param all       what lies in each partition now
/// @param committed where the group stopped, by partition; partitions where it never was are left out
[[nodiscard]] std::vector<kafka::OffsetRange> ranges_to_scan(std::vector<kafka::OffsetRange> all,
                                                             const std::map<std::int32_t, std::int64_t>& committed,
                                                             const DeadLetterFilter& filter);

/// One pass through what lies in a dead-letter topic now, partition by partition; for reading and for replaying.
///
/// Thread safety: belongs to one thread.
class Scan {
 public:
  Scan(const Config& config, std::string_view topic, const DeadLetterFilter& filter, kafka::TopicReaderOptions options);

  [[nodiscard]] kafka::TopicReader& reader() noexcept { return reader_; }

  /// @param of_group it begins where the group of the options stopped
  /// @param matched  takes each dead letter that the filter wants
  /// @param passed   takes the position of every other record
  DeadLettersReport run(bool of_group, const std::function<void(const DeadLetter&)>& matched,
                        const std::function<void(const DeadLetterProblem&)>& passed);

 private:
  [[nodiscard]] std::vector<kafka::OffsetRange> find(bool of_group);
  void take(const kafka::ConsumedRecord& received, DeadLettersReport& report,
            const std::function<void(const DeadLetter&)>& matched,
            const std::function<void(const DeadLetterProblem&)>& passed) const;

  const std::string bootstrap_servers_;
  const std::string_view topic_;
  const DeadLetterFilter& filter_;
  kafka::TopicReader reader_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_SCAN_H_
