// What was made before fork() and is used in the child: it says so, rather than wait for threads that are not there.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "base/sanitizer.h"
#include "conveyor/consumer.h"
#include "conveyor/error.h"
#include "conveyor/observer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;

constexpr Channel<v1::Image> kImages{"images"};
constexpr int kDied = -1;

/// What `use` returns in a child of this process, which it ends within a minute.
template <class Use>
int in_child(Use use) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(use());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return kDied;
  return WEXITSTATUS(status);
}

template <class Call>
bool says_so(Call call) {
  try {
    call();
    return false;
  } catch (const Error& error) {
    return error.code() == errc::fatal &&
           std::string_view(error.what()).find("before fork()") != std::string_view::npos;
  }
}

class Fork : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kThreadSanitizer) GTEST_SKIP() << "its runtime does not let a child of a process with threads go on";
    // A thread of the parent may hold a lock of clang 14's allocator at the fork; in the child nobody opens it.
    if (kAddressSanitizer) GTEST_SKIP() << "its allocator may be locked for ever in the child";
  }

  const Config config_ = [] {
    Config config;
    config.bootstrap_servers = "127.0.0.1:1";  // nobody is there, and nobody needed
    config.group = "group";
    config.observer = std::make_shared<Observer>();  // silent: in the child standard error may be locked for ever
    return config;
  }();
};

TEST_F(Fork, AProducerWorksInTheParentOnly) {
  std::optional<Producer> producer(std::in_place, config_, ProducerOptions{.close_timeout = 0ms});
  EXPECT_EQ(in_child([&] {
              if (!says_so([&] { producer->send(kImages, v1::Image()); })) return 1;
              if (producer->try_send(kImages, v1::Image()) != errc::fatal) return 2;
              if (!says_so([&] { producer->flush(10s); })) return 3;
              if (!says_so([&] { producer->wait_until_connected(10s); })) return 4;
              producer.reset();
              return 0;
            }),
            0);
  EXPECT_FALSE(producer->try_send(kImages, v1::Image())) << "the parent goes on";
}

TEST_F(Fork, AConsumerWorksInTheParentOnly) {
  std::optional<Consumer<v1::Image>> consumer(std::in_place, config_, kImages, ConsumerOptions{});
  EXPECT_EQ(in_child([&] {
              if (!says_so([&] { static_cast<void>(consumer->next(10s)); })) return 1;
              if (!says_so([&] { consumer->close(); })) return 2;
              consumer.reset();
              return 0;
            }),
            0);
}

TEST_F(Fork, AnotherOneIsMadeInTheChild) {
  std::optional<Producer> producer(std::in_place, config_, ProducerOptions{.close_timeout = 0ms});
  EXPECT_EQ(in_child([&] {
              producer = Producer(config_, {.close_timeout = 0ms});
              const bool accepted = !producer->try_send(kImages, v1::Image());
              producer.reset();
              return accepted ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace conveyor
