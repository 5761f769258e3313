#ifndef CONVEYOR_TESTS_CHAOS_TALLY_H_
#define CONVEYOR_TESTS_CHAOS_TALLY_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace conveyor::tests {

/// One answer of a service: which message it had, from where.
struct Output {
  std::int64_t id = -1;
  std::string process = {};  ///< which answered
  int partition = -1;        ///< of the input
  std::int64_t offset = -1;  ///< of the input
  int written_to = -1;       ///< partition of the answer
};

/// All answers, those of one output partition in their order.
class Tally {
 public:
  void add(Output output) {
    different_.insert(output.id);
    outputs_.push_back(std::move(output));
  }

  [[nodiscard]] const std::vector<Output>& outputs() const noexcept { return outputs_; }
  [[nodiscard]] int different() const { return static_cast<int>(different_.size()); }
  [[nodiscard]] int duplicates() const { return static_cast<int>(outputs_.size() - different_.size()); }
  [[nodiscard]] bool has(std::int64_t id) const { return different_.contains(id); }
  /// How many of 0 to `messages` - 1 were never answered.
  [[nodiscard]] int missing(int messages) const {
    int found = 0;
    for (int id = 0; id < messages; ++id) found += has(id) ? 0 : 1;
    return found;
  }

  /// How often a record was answered for the first time after one that lies behind it in its partition. Only answers in
  /// one partition have an order, those of one key for example.
  [[nodiscard]] int out_of_order() const {
    std::map<std::pair<int, int>, std::int64_t> last;
    std::set<std::int64_t> seen;
    int found = 0;
    for (const Output& output : outputs_) {
      if (!seen.insert(output.id).second) continue;
      const auto [entry, first] = last.try_emplace({output.partition, output.written_to}, output.offset);
      found += !first && output.offset < entry->second ? 1 : 0;
      entry->second = std::max(entry->second, output.offset);
    }
    return found;
  }

  /// The offset behind the last record of a partition that a process answered, or 0.
  [[nodiscard]] std::int64_t end_of(const std::string& process, int partition) const {
    std::int64_t end = 0;
    for (const Output& output : outputs_) {
      if (output.partition == partition && output.process == process) end = std::max(end, output.offset + 1);
    }
    return end;
  }

 private:
  std::vector<Output> outputs_;
  std::set<std::int64_t> different_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_TALLY_H_
