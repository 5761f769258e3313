#include "transactions/kept_outputs.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "support/fake_producer_handle.h"

namespace conveyor::worker {
namespace {

Outputs outputs_of(const std::vector<std::size_t>& sizes) {
  Outputs outputs;
  for (const std::size_t bytes : sizes) {
    outputs.push_back(tests::numbered_send(static_cast<int>(outputs.size()), {}, {}, bytes));
  }
  return outputs;
}

TEST(KeptOutputs, CountWhatIsKept) {
  KeptOutputs kept(1'000);
  EXPECT_EQ(kept.bytes(), 0U);
  const auto first = kept.keep(outputs_of({100, 200}));
  EXPECT_EQ(kept.bytes(), 300U);
  const auto second = kept.keep(outputs_of({50}));
  EXPECT_EQ(kept.bytes(), 350U);
}

TEST(KeptOutputs, CountKeysAndHeadersToo) {
  KeptOutputs kept(1'000);
  Outputs outputs;
  outputs.push_back(tests::numbered_send(1, {}, {.key = "12345"}, 100));
  const auto keyed = kept.keep(std::move(outputs));
  EXPECT_EQ(kept.bytes(), 105U);
  Outputs with_header;
  const std::vector<Header> headers{{.name = "123", .value = "1234567"}};
  with_header.push_back(kafka::ProducerRecord::make("topic", {}, 100, headers, {}));
  const std::size_t record_bytes = with_header.front()->record_bytes();
  EXPECT_GE(record_bytes, 110U);
  const auto headed = kept.keep(std::move(with_header));
  EXPECT_EQ(kept.bytes(), 105 + record_bytes);
}

TEST(KeptOutputs, AreTheOnesThatWereGiven) {
  KeptOutputs kept(1'000);
  const auto outputs = kept.keep(outputs_of({10, 10, 10}));
  ASSERT_EQ(outputs->size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tests::number_of(*(*outputs)[static_cast<std::size_t>(i)]), i);
}

TEST(KeptOutputs, CountUntilTheirLastOwnerReleasesThem) {
  KeptOutputs kept(1'000);
  auto outputs = kept.keep(outputs_of({100}));
  const auto others = kept.keep(outputs_of({7}));
  auto of_the_client = outputs;
  outputs.reset();
  EXPECT_EQ(kept.bytes(), 107U);
  of_the_client.reset();
  EXPECT_EQ(kept.bytes(), 7U);
}

TEST(KeptOutputs, MayOutliveTheirCount) {
  std::optional<KeptOutputs> kept(std::in_place, 1'000);
  auto outputs = kept->keep(outputs_of({100}));
  kept.reset();
  EXPECT_EQ(outputs->front()->record_bytes(), 100U);
  outputs.reset();
}

TEST(KeptOutputs, OfAnInputWithoutOutputsAreNothing) {
  KeptOutputs kept(1'000);
  const auto outputs = kept.keep({});
  ASSERT_TRUE(outputs);
  EXPECT_TRUE(outputs->empty());
  EXPECT_EQ(kept.bytes(), 0U);
}

TEST(KeptOutputs, AreManyAtHalfOfWhatFillsThem) {
  KeptOutputs kept(1'000);
  EXPECT_FALSE(kept.many() || kept.full());
  const auto below = kept.keep(outputs_of({499}));
  EXPECT_FALSE(kept.many() || kept.full());
  const auto half = kept.keep(outputs_of({4}));
  EXPECT_TRUE(kept.many());
  EXPECT_FALSE(kept.full());
}

TEST(KeptOutputs, AreFullAtTheMostAndNoLongerBelow) {
  KeptOutputs kept(1'000);
  const auto below = kept.keep(outputs_of({900, 96}));
  EXPECT_FALSE(kept.full());
  auto last = kept.keep(outputs_of({4}));
  EXPECT_EQ(kept.bytes(), 1'000U);
  EXPECT_TRUE(kept.full() && kept.many());
  last.reset();
  EXPECT_FALSE(kept.full());
  const auto beyond = kept.keep(outputs_of({5'000}));
  EXPECT_TRUE(kept.full()) << "one input may exceed it";
}

}  // namespace
}  // namespace conveyor::worker
