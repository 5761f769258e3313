// Memory or a thread that is not there where no handler catches it: the worker ends with the error, and does not hang.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/mock_broker.h"
#include "support/running_worker.h"
#include "support/waiting.h"

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's own name
extern "C" void* __libc_malloc(std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

constinit std::atomic<std::size_t> refused_from{SIZE_MAX};  // bytes; once
constinit std::atomic<bool> no_thread{false};               // once

// What librdkafka's own threads ask for is left alone: the test is about ours.
bool of_librdkafka() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return std::string_view(name).starts_with("rdk:");
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) noexcept {
  if (size >= refused_from.load(std::memory_order_relaxed) && !of_librdkafka()) {
    refused_from = SIZE_MAX;
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  if (!of_librdkafka() && no_thread.exchange(false)) return EAGAIN;
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, start, argument);
}
}

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

constexpr std::size_t kLarge = 600'000;

class NoMemory : public MockBrokerTest {
 protected:
  NoMemory() : config(new_config()) { create_topic(std::string(in.topic()) + "-dlt", 1); }
  ~NoMemory() override { refused_from = SIZE_MAX; }

  static void refuse_what_is_large() { refused_from = kLarge; }

  void send_input(std::size_t bytes = kLarge) {
    Producer producer(config);
    Image image;
    image.set_image_data(std::string(bytes, 'x'));
    producer.send(in, image, {.partition = 0});
    ASSERT_EQ(producer.flush(20s).delivered, 1U);
  }

  static WorkerOptions options() { return {.dead_letter = {.enabled = true}}; }

  static void expect_an_end_with_an_error(Worker& worker) {
    RunningWorker running(worker);
    EXPECT_TRUE(running.ended(25s)) << "it hangs";
    const Thrown thrown = thrown_by([&] { running.stop(); });
    EXPECT_EQ(thrown.code, errc::fatal);
    EXPECT_TRUE(contains(thrown.text, "outside of a handler")) << thrown.text;
  }

  const Channel<Image> in = new_channel<Image>(1, {.codec = Codec::kRaw});
  const Channel<Image> out = new_channel<Image>(1, {.codec = Codec::kRaw});
  const Config config;
};

TEST_F(NoMemory, ToDecodeARecord) {
  send_input(1);
  send_input(kLarge);
  Worker worker(config, options());
  worker.handle(in, [](const Message<Image>&) { refuse_what_is_large(); });
  expect_an_end_with_an_error(worker);
}

TEST_F(NoMemory, ForTheDeadLetterOfARecord) {
  send_input();
  Worker worker(config, options());
  worker.handle(in, [](const Message<Image>&) {
    refuse_what_is_large();
    throw std::runtime_error("never");
  });
  expect_an_end_with_an_error(worker);
}

TEST_F(NoMemory, ForTheDeadLetterOfARecordWhoseOutputIsRefused) {
  send_input();
  Worker worker(config, options());
  worker.handle(in, [this](const Message<Image>&, Context& context) {
    rd_kafka_mock_push_request_errors(cluster(), kProduceRequest, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    context.send(out, Image());
    refuse_what_is_large();
  });
  expect_an_end_with_an_error(worker);
}

TEST_F(NoMemory, ForTheDeadLetterOfARecordWhoseTransactionIsRefused) {
  send_input();
  WorkerOptions exactly_once = options();
  exactly_once.exactly_once = {.enabled = true, .instance = "0"};
  Worker worker(config, exactly_once);
  worker.handle(in, [this](const Message<Image>&, Context& context) {
    rd_kafka_mock_push_request_errors(cluster(), kProduceRequest, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    context.send(out, Image());
    refuse_what_is_large();
  });
  expect_an_end_with_an_error(worker);
}

TEST_F(NoMemory, OrAnythingElseThatRetryOptionsThrow) {
  send_input();
  WorkerOptions asking = options();
  asking.retry.also = [](const std::exception&) -> bool { throw std::bad_alloc(); };
  Worker worker(config, asking);
  worker.handle(in, [](const Message<Image>&) { throw std::runtime_error("never"); });
  expect_an_end_with_an_error(worker);
}

TEST_F(NoMemory, OrNoThreadToDestroyAClientIsSaidAndNotTheEnd) {
  {
    Producer producer(config);
    producer.wait_until_connected(20s);
    no_thread = true;
  }
  EXPECT_FALSE(no_thread) << "none was asked for";
  const auto& observer = static_cast<const CollectingObserver&>(*config.observer);
  EXPECT_TRUE(eventually([&] {
    for (const auto& line : observer.lines()) {
      if (line.find("client is leaked") != std::string::npos) return true;
    }
    return false;
  }));
}

}  // namespace
}  // namespace conveyor::tests
