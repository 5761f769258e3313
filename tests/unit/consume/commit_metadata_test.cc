#include "consume/commit_metadata.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace conveyor::worker {
namespace {

CommitMetadata full_metadata() {
  return {.run = 0xfeed'0000'1234'abcdU,
          .offset = 1'000,
          .open = true,
          .lease_end = 1'512,
          .crash_count = 2,
          .region_end = 1'300,
          .suspect = 1'005,
          .last_suspect = 1'006,
          .deaths = 1,
          .topic_began_with = 3,
          .done = {{1'002, 1'005}, {1'010, 1'011}}};
}

TEST(CommitMetadata, IsReadBackAsItWasWritten) {
  CommitMetadata waiting = full_metadata();
  waiting.open = false;
  waiting.suspect.reset();
  waiting.waits = true;
  waiting.condemned = 3;
  waiting.condemned_since = 1'700'000'000;
  for (const CommitMetadata& metadata :
       {full_metadata(), waiting, CommitMetadata{.run = 1, .offset = 0, .lease_end = 0}}) {
    EXPECT_EQ(decode_commit_metadata(encode(metadata), metadata.offset), metadata) << encode(metadata);
  }
}

TEST(CommitMetadata, IsReadableText) {
  EXPECT_EQ(encode(full_metadata()),
            "conveyor1 run=feed00001234abcd offset=1000 open=1 lease=1512 strikes=2 region=1300 suspect=1005 "
            "accused=1006 deaths=1 partitions=3 done=2+3,5+1");
}

TEST(CommitMetadata, OfAnotherOffsetSaysNothing) {
  EXPECT_EQ(decode_commit_metadata(encode(full_metadata()), 999), std::nullopt);
}

TEST(CommitMetadata, LeavesOutWhatDoesNotFit) {
  CommitMetadata metadata = full_metadata();
  metadata.done.clear();
  for (std::int64_t offset = 1'001; offset < 9'000; offset += 2) metadata.done.push_back({offset, offset + 1});
  const std::string text = encode(metadata);
  EXPECT_LE(text.size(), kLargestMetadata);
  const auto read = decode_commit_metadata(text, metadata.offset);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->done.empty());
  EXPECT_EQ(read->suspect, metadata.suspect);
  EXPECT_EQ(encode(metadata, 10), "");
}

TEST(CommitMetadata, HoldsAFullWindowOfTheDefaultSize) {
  CommitMetadata metadata = full_metadata();
  metadata.done.clear();
  for (std::int64_t offset = 1'001; offset < 1'512; offset += 2) metadata.done.push_back({offset, offset + 1});
  EXPECT_EQ(decode_commit_metadata(encode(metadata), metadata.offset), metadata);
}

TEST(CommitMetadata, PassesOverWhatANewerVersionAdds) {
  EXPECT_EQ(decode_commit_metadata(encode(full_metadata()) + " color=blue", 1'000), full_metadata());
  EXPECT_EQ(decode_commit_metadata(encode(full_metadata()) + " color=" + std::string(kLargestMetadata, 'b'), 1'000),
            std::nullopt)
      << "brokers keep no such text of ours";
}

TEST(CommitMetadata, RefusesWhatIsNotOne) {
  for (const std::string text : {"",
                                 "x",
                                 "conveyor1",
                                 "conveyor2 run=1 offset=5 open=1 lease=6",
                                 "conveyor1 run=1 open=1 lease=6",
                                 "conveyor1 run=g offset=5 open=1 lease=6",
                                 "conveyor1 run=1 offset=5 open=2 lease=6",
                                 "conveyor1 run=1 offset=5 open=1 lease=-6",
                                 "conveyor1 run=1 offset=5 open=1 lease=9223372036854775807",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 accused=5 deaths=-1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 strikes=1 region=-1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 strikes=1 region=9000000000",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 strikes=-1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 partitions=-1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 done=0+1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 done=1+0",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 done=1",
                                 "conveyor1 run=1 offset=5 open=1 lease=6 done=9223372036854775807+9223372036854775807",
                                 "conveyor1 run=1 offset=5 open=0 lease=5 waits=2",
                                 "conveyor1 run=1 offset=5 open=0 lease=5 condemned=-1",
                                 "conveyor1 run=1 offset=5 open=0 lease=5 condemned=1 since=-1",
                                 "conveyor1 run=1 done=1+1 offset=5 open=1 lease=6 deaths=99999999999999"}) {
    EXPECT_EQ(decode_commit_metadata(text, 5), std::nullopt) << text;
  }
}

TEST(CommitMetadata, TellsHowManyPartitionsItsGroupBeganWith) {
  EXPECT_EQ(topic_began_with(encode(full_metadata()), 1'000), 3);
  EXPECT_EQ(topic_began_with(encode(full_metadata()), 999), std::nullopt);
  EXPECT_EQ(topic_began_with(encode({.offset = 1'000}), 1'000), std::nullopt);
  EXPECT_EQ(topic_began_with("", 1'000), std::nullopt);
}

TEST(CommitMetadata, SurvivesDamagedText) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string good = encode(full_metadata());
  for (int i = 0; i < 100'000; ++i) {
    std::string text = good;
    for (unsigned changes = random() % 4; changes-- > 0;) text[random() % text.size()] = static_cast<char>(random());
    text.resize(text.size() - random() % text.size());
    if (const auto metadata = decode_commit_metadata(text, 1'000)) {
      EXPECT_EQ(metadata->offset, 1'000);
      EXPECT_TRUE(decode_commit_metadata(encode(*metadata), 1'000).has_value()) << text;
    }
  }
}

}  // namespace
}  // namespace conveyor::worker
