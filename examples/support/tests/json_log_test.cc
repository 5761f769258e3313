#include "support/json_log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/time_text.h"

namespace support {
namespace {

class JsonLog : public ::testing::Test {
 protected:
  ~JsonLog() override { std::fclose(file_); }

  std::vector<nlohmann::json> lines() {
    std::rewind(file_);
    std::vector<nlohmann::json> all;
    std::string text;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c != '\n') {
        text.push_back(static_cast<char>(c));
        continue;
      }
      all.push_back(nlohmann::json::parse(text));
      text.clear();
    }
    EXPECT_EQ(text, "") << "the last line has no end";
    return all;
  }

  std::FILE* file_ = std::tmpfile();
  std::shared_ptr<conveyor::Observer> log_ = json_log("camera", file_);
};

TEST_F(JsonLog, WritesALineWithTheNamesOfTheElasticCommonSchema) {
  log_->on_log({conveyor::Severity::kWarning, "librdkafka", "broker \"a\" is\ndown"});
  const auto all = lines();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["log.level"], "warn");
  EXPECT_EQ(all[0]["log.logger"], "librdkafka");
  EXPECT_EQ(all[0]["message"], "broker \"a\" is\ndown");
  EXPECT_EQ(all[0]["service.name"], "camera");
  EXPECT_GT(all[0]["process.pid"], 0);
  EXPECT_TRUE(parse_time(all[0]["@timestamp"].get<std::string>()));
}

TEST_F(JsonLog, SaysWhereAnEventHappened) {
  log_->on_event({.kind = conveyor::Event::Kind::kDeadLettered,
                  .topic = "VideoStream",
                  .partition = 2,
                  .offset = 17,
                  .error = std::make_error_code(std::errc::bad_message),
                  .text = "not an image"});
  log_->on_event({.kind = conveyor::Event::Kind::kAssigned});
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["event.action"], "dead_lettered");
  EXPECT_EQ(all[0]["log.level"], "warn");
  EXPECT_EQ(all[0]["kafka.topic"], "VideoStream");
  EXPECT_EQ(all[0]["kafka.partition"], 2);
  EXPECT_EQ(all[0]["kafka.offset"], 17);
  EXPECT_EQ(all[0]["error.message"], "Bad message");
  EXPECT_EQ(all[1]["message"], "assigned");
  EXPECT_EQ(all[1]["log.level"], "info");
  EXPECT_FALSE(all[1].contains("kafka.topic"));
}

TEST_F(JsonLog, WritesAnEventOnceThoughTheLibraryLogsItToo) {
  const std::string text = "assigned VideoStream [0]";
  log_->on_event({.kind = conveyor::Event::Kind::kAssigned, .topic = "VideoStream", .partition = 0, .text = text});
  log_->on_log({conveyor::Severity::kInfo, "conveyor", text});
  log_->on_log({conveyor::Severity::kInfo, "conveyor", text});  // without an event before it
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["event.action"], "assigned");
  EXPECT_FALSE(all[1].contains("event.action"));
}

TEST_F(JsonLog, ReplacesBytesThatAreNoUtf8) {
  log_->on_log({conveyor::Severity::kInfo, "conveyor", "a\xff"});
  EXPECT_EQ(lines().at(0)["message"], "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace support
