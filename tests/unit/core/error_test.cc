#include "conveyor/error.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <system_error>

namespace conveyor {
namespace {

struct Code {
  errc code;
  bool retryable;
};

// All of them, in the order of their values. A new code is entered here, with whether the same call may succeed later.
constexpr Code kCodes[] = {
    {errc::ok, false},
    {errc::queue_full, true},
    {errc::message_too_large, false},
    {errc::decode, false},
    {errc::tombstone, false},
    {errc::encode, false},
    {errc::unknown_property, false},
    {errc::invalid_config, false},
    {errc::no_group, false},
    {errc::invalid_topic, false},
    {errc::unknown_topic, false},
    {errc::unknown_partition, false},
    {errc::broker_unreachable, true},
    {errc::not_authorized, false},
    {errc::timed_out, true},
    {errc::delivery_failed, false},
    {errc::possibly_delivered, false},
    {errc::retryable, true},
    {errc::wrong_type, false},
    {errc::handler_failed, false},
    {errc::stopped, false},
    {errc::fatal, false},
};

TEST(ErrorCodes, AreAllInTheTable) {
  for (std::size_t i = 0; i < std::size(kCodes); ++i) EXPECT_EQ(static_cast<std::size_t>(kCodes[i].code), i);
  const auto next = static_cast<int>(std::size(kCodes));
  EXPECT_EQ(error_category().message(next), "unknown error " + std::to_string(next)) << "enter the new code above";
}

TEST(ErrorCodes, HaveTextsOfTheirOwn) {
  std::set<std::string> texts;
  for (const auto& [code, retryable] : kCodes) {
    const std::string text = make_error_code(code).message();
    EXPECT_FALSE(text.empty() || text.starts_with("unknown error")) << static_cast<int>(code);
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
}

TEST(ErrorCodes, ThatAreNoneSayTheirNumber) {
  EXPECT_EQ(error_category().message(-1), "unknown error -1");
  EXPECT_EQ(error_category().message(1'000), "unknown error 1000");
}

TEST(ErrorCodes, AreOfTheCategoryConveyor) {
  const std::error_code code = errc::fatal;
  EXPECT_STREQ(code.category().name(), "conveyor");
  EXPECT_EQ(&code.category(), &error_category());
  EXPECT_NE(code, std::error_code(code.value(), std::generic_category()));
}

TEST(ErrorCodes, AreTrueUnlessNothingWentWrong) {
  for (const auto& [code, retryable] : kCodes) {
    EXPECT_EQ(static_cast<bool>(make_error_code(code)), code != errc::ok) << static_cast<int>(code);
  }
}

TEST(Errors, AreRetryableWhereTheSameCallMaySucceedLater) {
  for (const auto& [code, retryable] : kCodes) {
    EXPECT_EQ(Error(code, "something happened").retryable(), retryable) << make_error_code(code).message();
  }
}

TEST(Errors, OfAnotherCategoryAreNotRetryable) {
  for (const auto& [code, retryable] : kCodes) {
    EXPECT_FALSE(Error(std::error_code(static_cast<int>(code), std::generic_category()), "").retryable());
  }
}

TEST(Errors, SayWhatHappenedWithoutTheTextOfTheCode) {
  EXPECT_STREQ(Error(errc::timed_out, "no answer in 5 s").what(), "no answer in 5 s");
  EXPECT_STREQ(Error(errc::timed_out, "").what(), "");
}

TEST(Errors, AreCopiedWithTheirText) {
  const auto copy = [] {
    const Error error(errc::not_authorized, "a text that is too long to lie in the string itself");
    return Error(error);
  }();
  EXPECT_STREQ(copy.what(), "a text that is too long to lie in the string itself");
  EXPECT_EQ(copy.code(), errc::not_authorized);
}

TEST(Errors, AreCaughtAsSystemErrors) {
  try {
    throw Error(errc::unknown_topic, "topic images does not exist");
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), errc::unknown_topic);
    EXPECT_STREQ(error.what(), "topic images does not exist");
  }
}

TEST(Errors, ThatAreRetryableByTypeAskForAnotherAttempt) {
  const RetryableError error("the database is away");
  EXPECT_TRUE(error.retryable());
  EXPECT_EQ(error.code(), errc::retryable);
  EXPECT_STREQ(error.what(), "the database is away");
}

TEST(Errors, OfDecodingAreNotRetryable) {
  const DecodeError error("its bytes are wrong");
  EXPECT_FALSE(error.retryable());
  EXPECT_EQ(error.code(), errc::decode);
  EXPECT_STREQ(error.what(), "its bytes are wrong");
}

}  // namespace
}  // namespace conveyor
