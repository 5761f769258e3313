#include "kafka/producer_record.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace conveyor::kafka {
namespace {

using detail::HeaderView;

TEST(ProducerRecordBuilder, KeepsKeyHeadersAndValueWhereverTheMemoryGoes) {
  const std::string value(300, 'v');
  // A little more than is used, much more, and so much more that the system gives other memory.
  for (const std::size_t most : {300U, 400U, 10'000U, 100'000'000U}) {
    int resolved = 0;
    const SendOptions options{.key = "key", .partition = 3};
    const std::vector<HeaderView> ours{
        {"first", "1"}, {"", ""}, {"second", std::string_view("\0two", 4)}, {"null", std::string_view()}};
    ProducerRecord::Builder builder("topic", options, most, ours);
    std::memcpy(builder.value(), value.data(), value.size());
    const auto send = std::move(builder).build(value.size(), [&](const Delivery&) { ++resolved; });
    EXPECT_EQ(std::string_view(send->value(), 300), value) << most;
    EXPECT_EQ(send->topic(), "topic");
    EXPECT_EQ(send->key_and_value_bytes(), 303U);
    EXPECT_EQ(send->record_bytes(), 303 + (5 + 1 + 1) + (0 + 1 + 0) + (6 + 1 + 4) + (4 + 1));
    send->resolve({});
    send->resolve({});
    EXPECT_EQ(resolved, 1);
  }
}

TEST(ProducerRecordBuilder, MayBeLeftUnfinished) {
  const SendOptions options{.key = "key"};
  ProducerRecord::Builder builder("topic", options, 1'000, {});
  builder.value()[999] = 'x';
}

TEST(SendList, KeepsTheOrderWhateverIsRemoved) {
  std::vector<ProducerRecord::Ptr> owned;
  for (int i = 0; i < 4; ++i) owned.push_back(ProducerRecord::make("topic", {}, 1, {}, {}));
  for (unsigned removed = 0; removed < 16; ++removed) {
    SendList list;
    for (const auto& send : owned) list.add(send.get());
    std::vector<ProducerRecord*> expected;
    for (unsigned i = 0; i < 4; ++i) {
      if (removed & (1U << i)) {
        list.remove(owned[i].get());
      } else {
        expected.push_back(owned[i].get());
      }
    }
    std::vector<ProducerRecord*> forward;
    for (ProducerRecord* send = list.oldest; send != nullptr; send = send->next) forward.push_back(send);
    EXPECT_EQ(forward, expected);
    EXPECT_EQ(list.newest, expected.empty() ? nullptr : expected.back());
  }
}

TEST(ProducerRecord, LivesAsLongAsItHasAnOwner) {
  int resolved = 0;
  auto first = ProducerRecord::make("topic", {}, 3, {}, [&](const Delivery&) { ++resolved; });
  auto second = first->share();
  first->resolve({});
  first.reset();
  second->value()[0] = 'x';
  second->resolve({});
  EXPECT_EQ(resolved, 1);
}

}  // namespace
}  // namespace conveyor::kafka
