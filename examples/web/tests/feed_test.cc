#include "web/feed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace web {
namespace {

using namespace std::chrono_literals;

struct Browser {
  std::vector<std::string> messages = {};
  Feed::Send send() {
    return [this](const auto& bytes, bool) { messages.push_back(*bytes); };
  }
};

Frame frame(std::int64_t number) {
  return {.source = "gate",
          .number = number,
          .captured = std::chrono::system_clock::now() - 20ms,
          .header = {{"people", 2}},
          .jpeg = "JPEG"};
}

TEST(Feed, SendsHeaderAndPicture) {
  Feed feed;
  Browser browser;
  (void)feed.join(browser.send());
  feed.publish(frame(7));
  ASSERT_EQ(browser.messages.size(), 1U);
  const std::string& bytes = browser.messages[0];
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes.at(static_cast<std::size_t>(i)));
  const auto header = nlohmann::json::parse(bytes.substr(4, size));
  EXPECT_EQ(header["source"], "gate");
  EXPECT_EQ(header["number"], 7);
  EXPECT_EQ(header["people"], 2);
  EXPECT_GT(header["captured_us"], 0);
  EXPECT_EQ(bytes.substr(4 + size), "JPEG");
}

TEST(Feed, CountsAnswersAndTheirTime) {
  Feed feed;
  Browser browser;
  const ViewerId viewer = feed.join(browser.send());
  feed.publish(frame(7));
  feed.answer(viewer, R"({"source":"gate","number":7,"painted":true})");
  const FeedReport report = feed.report();
  EXPECT_EQ(report.published, 1);
  EXPECT_EQ(report.shown, 1);
  EXPECT_EQ(report.viewers, 1);
  EXPECT_EQ(report.latency.count(), 1);
  EXPECT_GE(report.latency.quantile_ms(1), 20);
}

TEST(Feed, IgnoresWhatIsNoAnswer) {
  Feed feed;
  Browser browser;
  const ViewerId viewer = feed.join(browser.send());
  feed.publish(frame(7));
  for (const char* text :
       {"", "{", "[]", "{}", R"({"source":7,"number":7,"painted":true})", R"({"source":"gate","number":"7"})",
        R"({"source":"gate","number":7.5,"painted":true})", R"({"source":"gate","number":7,"painted":1})"}) {
    feed.answer(viewer, text);
  }
  EXPECT_EQ(feed.report().shown, 0);
  EXPECT_EQ(feed.report().waiting, 1);
}

TEST(Feed, SaysNothingToThoseWhoLeft) {
  Feed feed;
  Browser browser;
  const ViewerId viewer = feed.join(browser.send());
  feed.leave(viewer);
  feed.leave(viewer);
  feed.publish(frame(1));
  feed.announce({{"kind", "alert"}});
  EXPECT_TRUE(browser.messages.empty());
  EXPECT_EQ(feed.report().dropped, 1);
}

}  // namespace
}  // namespace web
