#include <gtest/gtest.h>

#include <string>

#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/errors.h"

namespace conveyor::tests {
namespace {

Config config() {
  Config config;
  config.bootstrap_servers = "127.0.0.1:1";  // nobody is asked
  config.group = "group";
  return config;
}

WorkerOptions exactly_once() { return {.exactly_once = {.enabled = true, .instance = "0"}}; }

constexpr Channel<v1::Image> kImages{"images"};

TEST(HandlerOptions, AreCheckedForTheirChannel) {
  Worker worker(config(), {});
  const auto handler = [](const v1::Image&) {};
  const auto no_attempt = thrown_by([&] { worker.handle(kImages, handler, {.retry = RetryOptions{.attempts = 0}}); });
  EXPECT_EQ(no_attempt.code, errc::invalid_config);
  EXPECT_TRUE(contains(no_attempt.text, "RetryOptions::attempts is 0")) << no_attempt.text;
  const DeadLetterOptions no_topic{.enabled = true, .topic_suffix = "/dlt"};
  const auto no_name = thrown_by([&] { worker.handle(kImages, handler, {.dead_letter = no_topic}); });
  EXPECT_TRUE(contains(no_name.text, "DeadLetterOptions::topic_suffix \"/dlt\"")) << no_name.text;
  EXPECT_NO_THROW(worker.handle(kImages, handler, {.retry = RetryOptions{.attempts = 1}}));
}

// An input whose output was dropped could never be finished, nor counted as handled.
TEST(WorkerOptions, OutputsMustNotBeDropped) {
  const Thrown thrown = thrown_by([] { Worker(config(), {.producer = {.when_full = WhenFull::kDrop}}); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "WorkerOptions::producer.when_full")) << thrown.text;
}

TEST(WorkerOptions, ExactlyOnceReadsCommittedRecordsOnly) {
  for (const char* level : {"read_uncommitted", "READ_UNCOMMITTED"}) {
    Config uncommitted = config();
    uncommitted.properties["isolation.level"] = level;
    const Thrown thrown = thrown_by([&] { Worker(uncommitted, exactly_once()); });
    EXPECT_EQ(thrown.code, errc::invalid_config) << level;
    EXPECT_TRUE(contains(thrown.text, "isolation.level")) << thrown.text;
    EXPECT_NO_THROW(Worker(uncommitted, {})) << "at least once may";
  }
  Config committed = config();
  committed.properties["isolation.level"] = "read_committed";
  EXPECT_NO_THROW(Worker(committed, exactly_once()));
}

}  // namespace
}  // namespace conveyor::tests
