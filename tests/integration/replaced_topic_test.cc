// A topic that is deleted and recreated under those who read it, with a log that is shorter than the old one, as long,
// or longer: every record of both is handled, counted by its number.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <ostream>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/kafka_cluster/kafka_admin.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

constexpr int kOld = 500;   // records of the topic that is deleted
constexpr int kNew = 1000;  // the number of the first of the other

/// The numbers that were handled.
class Handled {
 public:
  void add(std::int64_t number) {
    const std::lock_guard lock(mutex_);
    numbers_.insert(number);
  }
  [[nodiscard]] bool all_from(std::int64_t first, std::int64_t count) const {
    const std::lock_guard lock(mutex_);
    for (std::int64_t i = first; i < first + count; ++i) {
      if (!numbers_.contains(i)) return false;
    }
    return true;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return numbers_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::int64_t> numbers_;
};

void write_numbers(const std::string& topic, int first, int count) {
  std::vector<RawRecord> records;
  Image image;
  for (int i = first; i < first + count; ++i) {
    image.set_frame(i);
    records.push_back({.value = zlib_compress(image.SerializeAsString())});
  }
  write_raw(topic, records);
}

enum class Reader { kWorker, kConsumer, kExactlyOnce };

struct Case {
  const char* name = "";
  Reader reader = Reader::kWorker;
  std::chrono::milliseconds gap{300};  // without the topic
  int at_once = 0;                     // records written to it when it is there again
  int later = 0;                       // and after a while
};

void PrintTo(const Case& tried, std::ostream* to) { *to << tried.name; }

// Of a topic of its own, which is created.
template <class T>
Channel<T> channel_of(std::string_view what) {
  std::string topic = unique_name(what);
  std::ranges::replace(topic, '/', '-');  // from the name of a test with a parameter
  create_topic(topic, 1);
  return Channel<T>::named(topic);
}

class ReplacedTopic : public testing::TestWithParam<Case> {
 protected:
  void start(Reader reader) {
    if (reader == Reader::kConsumer) {
      consuming_ = std::jthread([this](const std::stop_token& stop) {
        Consumer<Image> consumer(config_, input_, {.stop = stop});
        while (const auto* message = consumer.next(24h)) handled_.add(message->value().frame());
      });
      return;
    }
    WorkerOptions options;
    if (reader == Reader::kExactlyOnce) options.exactly_once = {.enabled = true, .instance = "0"};
    worker_ = std::make_unique<Worker>(config_, options);
    worker_->transform(input_, output_, [this](const Message<Image>& message) {
      handled_.add(message.value().frame());
      Prediction prediction;
      prediction.set_frame(message.value().frame());
      return prediction;
    });
    running_ = std::make_unique<RunningWorker>(*worker_);
  }

  void replace_topic(std::chrono::milliseconds gap) {
    const std::string topic(input_.topic());
    KafkaAdmin admin(bootstrap_servers());
    admin.delete_topic(topic);
    std::this_thread::sleep_for(gap);
    ASSERT_TRUE(eventually([&] {
      try {
        admin.create_topic(topic, 1);
        return true;
      } catch (const std::runtime_error&) {  // the old one is still being deleted
        return false;
      }
    }));
  }

  [[nodiscard]] std::string told() const {
    std::string text;
    for (const auto& event : observer_->events(Event::Kind::kLogReplaced)) text += event.text + "\n";
    for (const auto& line : observer_->lines()) text += line + "\n";
    return text;
  }

  const Channel<Image> input_ = channel_of<Image>("in");
  const Channel<Prediction> output_ = channel_of<Prediction>("out");
  const std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
  Config config_ = [this] {
    Config config = new_config();
    config.observer = observer_;
    return config;
  }();
  Handled handled_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<RunningWorker> running_;
  std::jthread consuming_;
};

TEST_P(ReplacedTopic, EveryRecordOfBothIsHandled) {
  const Case& tried = GetParam();
  const std::string topic(input_.topic());
  write_numbers(topic, 0, kOld);
  start(tried.reader);
  ASSERT_TRUE(eventually([&] { return handled_.all_from(0, kOld); }, 60s)) << handled_.size();
  const CommittedOffset committed(config_.group, topic, 0);
  ASSERT_TRUE(eventually([&] { return committed.read() >= kOld; }, 30s)) << committed.read();

  replace_topic(tried.gap);
  write_numbers(topic, kNew, tried.at_once);
  if (tried.later > 0) std::this_thread::sleep_for(5s);  // as it was reported; nothing waits for it
  write_numbers(topic, kNew + tried.at_once, tried.later);
  const int count = tried.at_once + tried.later;
  EXPECT_TRUE(eventually([&] { return handled_.all_from(kNew, count); }, 60s))
      << handled_.size() - kOld << " of " << count << "\n"
      << told();
  EXPECT_TRUE(eventually([&] { return committed.read() == count; }, 30s)) << committed.read() << "\n" << told();
}

INSTANTIATE_TEST_SUITE_P(Lengths, ReplacedTopic,
                         testing::Values(Case{"WorkerShorter", Reader::kWorker, 300ms, 100},
                                         Case{"WorkerEqual", Reader::kWorker, 300ms, kOld},
                                         Case{"WorkerLonger", Reader::kWorker, 300ms, 600},
                                         Case{"WorkerLongerAtOnce", Reader::kWorker, 0ms, 600},
                                         Case{"WorkerShorterAtFirst", Reader::kWorker, 300ms, 100, 500},
                                         Case{"ConsumerShorter", Reader::kConsumer, 300ms, 100},
                                         Case{"ConsumerEqual", Reader::kConsumer, 300ms, kOld},
                                         Case{"ConsumerLonger", Reader::kConsumer, 300ms, 600},
                                         Case{"ConsumerLongerAtOnce", Reader::kConsumer, 0ms, 600},
                                         Case{"ConsumerShorterAtFirst", Reader::kConsumer, 300ms, 100, 500},
                                         Case{"ExactlyOnceShorter", Reader::kExactlyOnce, 300ms, 100},
                                         Case{"ExactlyOnceLonger", Reader::kExactlyOnce, 300ms, 600},
                                         Case{"ExactlyOnceLongerAtOnce", Reader::kExactlyOnce, 0ms, 600}),
                         [](const auto& tried) { return std::string(tried.param.name); });

}  // namespace
}  // namespace conveyor::tests
