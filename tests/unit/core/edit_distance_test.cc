#include "base/edit_distance.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace conveyor {
namespace {

TEST(Closest, CountsInsertedRemovedAndReplacedCharacters) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("abc", ""), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("linger.ms", "linger.ms"), 0);
}

TEST(Closest, IgnoresLetterCase) { EXPECT_EQ(edit_distance("VideoStream", "videostream"), 0); }

TEST(Closest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> known{"linger.ms", "batch.size", "bootstrap.servers"};
  EXPECT_EQ(closest("linger", known), "linger.ms");
  EXPECT_EQ(closest("bootstrap.server", known), "bootstrap.servers");
}

TEST(Closest, PrefersTheFirstOfEquals) { EXPECT_EQ(closest("c", std::array<std::string_view, 2>{"a", "b"}), "a"); }

TEST(Closest, IsEmptyWhenNothingIsKnown) { EXPECT_EQ(closest("x", std::vector<std::string>{}), ""); }

}  // namespace
}  // namespace conveyor
