// The README's two programs do what it says.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>

#include "conveyor/channel_map.h"
#include "conveyor/testing/embedded_broker.h"
#include "unit/cli/child.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;

TEST(Quickstart, TheConsumerShowsWhatTheProducerSent) {
  const testing::EmbeddedBroker broker;
  ASSERT_EQ(setenv("CONVEYOR_BOOTSTRAP_SERVERS", broker.bootstrap_servers().c_str(), 1), 0);
  Child producer({PRODUCER});
  EXPECT_EQ(producer.wait(30s), 0) << producer.errors();
  EXPECT_EQ(producer.output(), "10 orders delivered\n");

  Child consumer({CONSUMER});
  for (int number = 1; number <= 10; ++number) {
    const std::string expected = "order " + std::to_string(number) + ": espresso, sent 20";
    EXPECT_EQ(consumer.read_line(30s).value_or("").substr(0, expected.size()), expected) << consumer.errors();
  }
  consumer.signal(SIGTERM);
  EXPECT_EQ(consumer.wait(20s), 0) << consumer.errors();
}

TEST(Quickstart, ItsDescriptorSetDeclaresTheChannel) {
  const ChannelMap map = ChannelMap::from_descriptor_set_file(DESCRIPTOR_SET);
  ASSERT_NE(map.find("orders"), nullptr);
  EXPECT_EQ(map.find("orders")->type, "shop.Order");
}

}  // namespace
}  // namespace conveyor
