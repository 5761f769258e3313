#include "conveyor/send_key.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "conveyor/producer.h"

namespace conveyor {
namespace {

// Longer than what a string keeps within itself, so that a sanitizer sees a key that is gone.
std::string long_key(char first) { return first + std::string(60, 'k'); }

TEST(SendKey, KeepsATemporary) {
  const std::string tenant = long_key('a');
  const SendOptions joined{.key = tenant + long_key('b')};
  const SendOptions returned{.key = long_key('c')};
  EXPECT_EQ(joined.key.view(), long_key('a') + long_key('b'));
  EXPECT_EQ(returned.key.view(), long_key('c'));
}

TEST(SendKey, KeepsAShortTemporary) {
  const SendOptions options{.key = std::string("a") + "b"};
  EXPECT_EQ(options.key.view(), "ab");
}

TEST(SendKey, KeepsWhatIsMovedOrConst) {
  std::optional<SendOptions> options;
  {
    std::string key = long_key('a');
    options = SendOptions{.key = std::move(key)};
  }
  EXPECT_EQ(options->key.view(), long_key('a'));
  const auto constant = []() -> const std::string { return long_key('b'); };
  options = SendOptions{.key = constant()};
  EXPECT_EQ(options->key.view(), long_key('b'));
  options = SendOptions{.key = std::optional(long_key('c'))};
  EXPECT_EQ(options->key.view(), long_key('c'));
}

TEST(SendKey, IsAViewOfWhatHasAName) {
  const std::string key = long_key('a');
  const std::string_view view = key;
  const std::optional<std::string> optional = key;
  const std::optional<std::string_view> optional_view = view;
  EXPECT_EQ(SendKey(key).view()->data(), key.data());
  EXPECT_EQ(SendKey(view).view()->data(), key.data());
  EXPECT_EQ(SendKey(optional).view()->data(), optional->data());
  EXPECT_EQ(SendKey(optional_view).view()->data(), key.data());
  EXPECT_EQ(SendKey("literal").view(), "literal");
}

TEST(SendKey, TellsAnEmptyKeyFromNone) {
  EXPECT_EQ(SendKey("").view(), "");
  EXPECT_EQ(SendKey(std::string()).view(), "");
  EXPECT_EQ(SendKey().view(), std::nullopt);
  EXPECT_EQ(SendKey(std::nullopt).view(), std::nullopt);
  EXPECT_EQ(SendKey(std::optional<std::string>()).view(), std::nullopt);
  EXPECT_FALSE(SendOptions().key.has_value());
  EXPECT_TRUE(SendKey("").has_value());
}

TEST(SendKey, CopiesAndMovesWithTheirBytes) {
  std::optional<SendKey> first(SendKey(long_key('a')));
  const SendKey copy = *first;
  SendKey moved = *std::move(first);
  first.reset();
  EXPECT_EQ(copy.view(), long_key('a'));
  EXPECT_EQ(moved.view(), long_key('a'));
  moved = "literal";
  EXPECT_EQ(moved.view(), "literal");
}

}  // namespace
}  // namespace conveyor
