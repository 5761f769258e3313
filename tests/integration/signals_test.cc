// A service as it is run: a process of its own, ended by SIGTERM.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/temporary_folder.h"
#include "support/raw_kafka.h"
#include "support/service_command.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

void send_frames(const Channel<Image>& channel, int count) {
  Producer producer(new_config());
  for (int i = 0; i < count; ++i) producer.send(channel, Image{});
  ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(count));
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Sigterm, StopsAWorkerThatDrainsCommitsAndLeaves) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const std::string group = unique_name("group");
  send_frames(input, 30);
  const TemporaryFolder folder("conveyor-signals");
  const auto log = folder.path() / "log";
  const auto command = service_command(config_of_group(group), "worker", input.topic(), output.topic());
  ChildProcess service(command, log);
  ASSERT_EQ(read_raw(output.topic(), 1, 30).size(), 30U) << text_of(log);
  service.signal(SIGTERM);
  EXPECT_EQ(service.wait(10s), 0) << text_of(log);
  EXPECT_TRUE(contains(text_of(log), "handled=30 left=0"));
  EXPECT_EQ(committed_offset(group, input.topic(), 0), 30);

  // It left the group: the next one does not wait for its session to end.
  send_frames(input, 1);
  ChildProcess next(command, log);
  ASSERT_EQ(read_raw(output.topic(), 1, 31, 12s).size(), 31U) << text_of(log);
}

TEST(Sigterm, StopsAServiceThatHasNothingToDo) {
  const auto input = new_channel<Image>();
  const TemporaryFolder folder("conveyor-signals");
  const auto log = folder.path() / "log";
  ChildProcess service(service_command(new_config(), "worker", input.topic(), "output"), log);
  ASSERT_TRUE(eventually([&] { return text_of(log).find("running") != std::string::npos; }));
  service.signal(SIGINT);
  EXPECT_EQ(service.wait(10s), 0) << text_of(log);
}

}  // namespace
}  // namespace conveyor::tests
