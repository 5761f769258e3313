#include "consume/commit_note.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace conveyor::worker {
namespace {

CommitNote full_note() {
  return {.run = 0xfeed'0000'1234'abcdU,
          .offset = 1'000,
          .open = true,
          .lease_end = 1'512,
          .strikes = 2,
          .region_end = 1'300,
          .suspect = 1'005,
          .accused = 1'006,
          .deaths = 1,
          .topic_began_with = 3,
          .done = {{1'002, 1'005}, {1'010, 1'011}}};
}

TEST(CommitNote, IsReadBackAsItWasWritten) {
  CommitNote waiting = full_note();
  waiting.open = false;
  waiting.suspect.reset();
  waiting.waits = true;
  waiting.condemned = 3;
  waiting.condemned_since = 1'700'000'000;
  for (const CommitNote& note : {full_note(), waiting, CommitNote{.run = 1, .offset = 0, .lease_end = 0}}) {
    EXPECT_EQ(decode_note(encode(note), note.offset), note) << encode(note);
  }
}

TEST(CommitNote, IsReadableText) {
  EXPECT_EQ(encode(full_note()),
            "conveyor1 run=feed00001234abcd offset=1000 open=1 lease=1512 strikes=2 region=1300 suspect=1005 "
            "accused=1006 deaths=1 partitions=3 done=2+3,5+1");
}

TEST(CommitNote, OfAnotherOffsetSaysNothing) { EXPECT_EQ(decode_note(encode(full_note()), 999), std::nullopt); }

TEST(CommitNote, LeavesOutWhatDoesNotFit) {
  CommitNote note = full_note();
  note.done.clear();
  for (std::int64_t offset = 1'001; offset < 9'000; offset += 2) note.done.push_back({offset, offset + 1});
  const std::string text = encode(note);
  EXPECT_LE(text.size(), kLargestNote);
  const auto read = decode_note(text, note.offset);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->done.empty());
  EXPECT_EQ(read->suspect, note.suspect);
  EXPECT_EQ(encode(note, 10), "");
}

TEST(CommitNote, HoldsAFullWindowOfTheDefaultSize) {
  CommitNote note = full_note();
  note.done.clear();
  for (std::int64_t offset = 1'001; offset < 1'512; offset += 2) note.done.push_back({offset, offset + 1});
  EXPECT_EQ(decode_note(encode(note), note.offset), note);
}

TEST(CommitNote, PassesOverWhatANewerVersionAdds) {
  EXPECT_EQ(decode_note(encode(full_note()) + " color=blue", 1'000), full_note());
  EXPECT_EQ(decode_note(encode(full_note()) + " color=" + std::string(kLargestNote, 'b'), 1'000), std::nullopt)
      << "brokers keep no such text of ours";
}

TEST(CommitNote, RefusesWhatIsNotOne) {
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
    EXPECT_EQ(decode_note(text, 5), std::nullopt) << text;
  }
}

TEST(CommitNote, TellsHowManyPartitionsItsGroupBeganWith) {
  EXPECT_EQ(topic_began_with(encode(full_note()), 1'000), 3);
  EXPECT_EQ(topic_began_with(encode(full_note()), 999), std::nullopt);
  EXPECT_EQ(topic_began_with(encode({.offset = 1'000}), 1'000), std::nullopt);
  EXPECT_EQ(topic_began_with("", 1'000), std::nullopt);
}

TEST(CommitNote, SurvivesDamagedText) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string good = encode(full_note());
  for (int i = 0; i < 100'000; ++i) {
    std::string text = good;
    for (unsigned changes = random() % 4; changes-- > 0;) text[random() % text.size()] = static_cast<char>(random());
    text.resize(text.size() - random() % text.size());
    if (const auto note = decode_note(text, 1'000)) {
      EXPECT_EQ(note->offset, 1'000);
      EXPECT_TRUE(decode_note(encode(*note), 1'000).has_value()) << text;
    }
  }
}

}  // namespace
}  // namespace conveyor::worker
