// Members of a cooperative group go on reading what they keep while others join and leave. librdkafka pauses and
// resumes what is kept; before 2.1 it then destroys what a read of many records has taken so far, and goes on behind it
// (https://github.com/confluentinc/librdkafka/issues/4208).

#include <string>
#include <vector>

#include "support/broker.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

class CooperativeReading : public MockBrokerTest {};

TEST_F(CooperativeReading, LosesNothingWhenAPartitionIsPausedInTheMiddleOfARead) {
  constexpr int kRecords = 4'000;
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  std::vector<RawRecord> records;
  std::vector<std::string> values;
  for (int i = 0; i < kRecords; ++i) {
    values.push_back(std::to_string(i));
    records.push_back({.value = values.back()});
  }
  write_raw(topic, records);

  Config config = new_config();
  config.properties["partition.assignment.strategy"] = "cooperative-sticky";
  config.properties["plugin.library.paths"] = PAUSING_PLUGIN;
  ReadingMember member(config, {.topics = {topic}, .commit_interval = 20ms});
  EXPECT_TRUE(eventually([&] { return member.values().size() >= values.size(); }, 40s));
  EXPECT_EQ(member.values(), values) << "each once, in order";
}

}  // namespace
}  // namespace conveyor::tests
