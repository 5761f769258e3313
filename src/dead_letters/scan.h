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

/// The offsets to read in each partition: those that the filter allows, from the group's committed offset on.
/// @param all       the offsets that each partition holds now
/// @param committed the group's committed offsets, by partition; none for partitions without one
[[nodiscard]] std::vector<kafka::OffsetRange> ranges_to_scan(std::vector<kafka::OffsetRange> all,
                                                             const std::map<std::int32_t, std::int64_t>& committed,
                                                             const DeadLetterFilter& filter);

/// One pass through the records that a dead-letter topic holds now, partition by partition. Reading and replaying both
/// use it.
///
/// Thread safety: belongs to one thread.
class Scan {
 public:
  Scan(const Config& config, std::string_view topic, const DeadLetterFilter& filter, kafka::TopicReaderOptions options);

  [[nodiscard]] kafka::TopicReader& reader() noexcept { return reader_; }

  /// @param of_group begins at the committed offsets of the options' group
  /// @param matched  receives each dead letter that the filter wants
  /// @param passed   receives the position of every other record
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
