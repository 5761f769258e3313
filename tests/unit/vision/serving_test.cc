// What a service promises: batches, a model exchanged while it runs, frames passed over, and bad images that harm
// nobody.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <opencv2/core.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/worker.h"
#include "support/running_worker.h"
#include "support/waiting.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using namespace std::chrono_literals;
using tests::eventually;
using tests::RunningWorker;

constexpr Channel<v1::Image> kImages{"images"};
constexpr Channel<v1::Prediction> kPredictions{"predictions"};

/// 8 x 8 pixels of a value that follows from the frame's number.
v1::Image scan(int frame) {
  v1::Image image;
  to_image(cv::Mat(8, 8, CV_8UC1, cv::Scalar::all(frame % 251)), image);
  image.set_frame(frame);
  return image;
}

/// Labels each image "<label> <its mean value>".
std::shared_ptr<const Model> measuring(const std::string& name, std::function<void()> before = {}) {
  class Measuring final : public Classifier {
   public:
    Measuring(std::string name, std::function<void()> before) : name_(std::move(name)), before_(std::move(before)) {}
    std::string_view name() const override { return name_; }
    void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
      if (before_) before_();
      for (std::size_t i = 0; i < images.size(); ++i) {
        const double mean = cv::mean(images[i])[0];
        outcomes[i].add_label(name_ + " " + std::to_string(static_cast<int>(mean)), mean);
      }
    }

   private:
    std::string name_;
    std::function<void()> before_;
  };
  return make_model({.name = name, .version = "of " + name},
                    [name, before] { return std::make_unique<Measuring>(name, before); });
}

class Serving : public ::testing::Test {
 protected:
  static constexpr int kPartitions = 4;

  void send(const std::vector<v1::Image>& images) {
    Producer producer{broker_.config()};
    for (const v1::Image& image : images) {
      producer.send(
          kImages, image,
          {.key = std::to_string(image.frame()), .partition = static_cast<std::int32_t>(image.frame() % kPartitions)});
    }
    ASSERT_EQ(producer.flush(30s).left, 0U);
  }
  void send_scans(int first, int end) {
    std::vector<v1::Image> images;
    for (int frame = first; frame < end; ++frame) images.push_back(scan(frame));
    send(images);
  }

  /// The first `count` predictions of the topic by their frames; fewer when they do not come.
  std::multimap<std::int64_t, v1::Prediction> predictions(std::size_t count, const std::string& group = "reader") {
    std::stop_source late;
    std::jthread limit([&](const std::stop_token& done) {
      static_cast<void>(eventually([&] { return done.stop_requested(); }, 60s));
      late.request_stop();
    });
    std::multimap<std::int64_t, v1::Prediction> found;
    Consumer consumer{broker_.config(group), kPredictions, {.stop = late.get_token()}};
    while (found.size() < count) {
      const auto* message = consumer.next(100ms);
      if (message != nullptr) found.emplace(message->value().frame(), message->value());
      if (late.stop_requested()) break;
    }
    return found;
  }

  testing::EmbeddedBroker broker_{
      {.topics = {{"images", kPartitions}, {"images-dlt", kPartitions}, {"predictions", kPartitions}}}};
};

TEST_F(Serving, GivesTheClassifierWhatIsThereAtOnce) {
  send_scans(0, 100);
  std::atomic<std::size_t> largest{0};
  class Counting final : public Classifier {
   public:
    explicit Counting(std::atomic<std::size_t>* largest) : largest_(largest) {}
    std::string_view name() const override { return "counting"; }
    InputSpec input() const override { return {.max_batch = 4}; }
    void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
      *largest_ = std::max(largest_->load(), images.size());
      for (std::size_t i = 0; i < images.size(); ++i) outcomes[i].add_label("seen", cv::mean(images[i])[0]);
    }

   private:
    std::atomic<std::size_t>* largest_;
  };
  Worker worker{broker_.config("serving"), {.threads = 1}};
  const auto served = serve(worker, kImages, kPredictions, model_of<Counting>(&largest),
                            {.batch = {.max_batch = 16, .max_delay = 50ms}});
  RunningWorker running(worker);
  const auto found = predictions(100);
  EXPECT_EQ(found.size(), 100U);
  for (const auto& [frame, prediction] : found) {
    EXPECT_EQ(prediction.classifications(0).score(), static_cast<float>(frame % 251));
    EXPECT_EQ(prediction.input().partition(), frame % kPartitions);
  }
  EXPECT_EQ(largest, 4U) << "which is what it takes";
  EXPECT_TRUE(eventually([&] { return served->counters().predictions == 100; }));
  EXPECT_LT(served->counters().batches, 100U);
  const auto times = served->counters().times;
  EXPECT_GT(times.wait, 0us);
  EXPECT_GT(times.encode, 0us);
}

TEST_F(Serving, SwapsTheModelAmidTwentyThousandScansAndEveryResultNamesTheOneThatMadeIt) {
  constexpr int kScans = 20'000;
  std::atomic<int> calls{0};
  Worker worker{broker_.config("serving"), {.threads = 2}};
  const auto first = measuring("first", [&] { ++calls; });
  // [serve]
  const auto served = serve(worker, kImages, kPredictions, first, {.batch = {.max_batch = 16, .max_delay = 2ms}});
  // [/serve]
  RunningWorker running(worker);
  send_scans(0, kScans / 2);
  ASSERT_TRUE(eventually([&] { return calls > 100; }, 60s));
  std::jthread swapping([&] { served->swap(measuring("second")); });
  send_scans(kScans / 2, kScans);
  const auto found = predictions(kScans);
  std::set<std::int64_t> different;
  std::map<std::string, int> by_model;
  for (const auto& [frame, prediction] : found) {
    different.insert(frame);
    ++by_model[prediction.model().name()];
    ASSERT_EQ(prediction.object(0), prediction.model().name() + " " + std::to_string(frame % 251));
    ASSERT_EQ(prediction.model().version(), "of " + prediction.model().name());
  }
  EXPECT_EQ(different.size(), static_cast<std::size_t>(kScans));
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kScans)) << "each once";
  EXPECT_GT(by_model["first"], 0);
  EXPECT_GT(by_model["second"], 0);
  EXPECT_EQ(served->current()->card().name, "second");
  EXPECT_EQ(served->counters().swaps, 1U);
}

TEST_F(Serving, SwapsOnlyToAModelThatKnowsAKnownPicture) {
  Worker worker{broker_.config("serving")};
  const auto served = serve(worker, kImages, kPredictions, measuring("first"));
  const auto second = measuring("second");
  const auto known = testing::message(scan(7));
  // [swap]
  served->swap(second, [&](Predictor& predict) {
    if (predict(known).object(0) != "second 7") throw std::runtime_error("it does not know the known picture");
  });
  // [/swap]
  EXPECT_EQ(served->current(), second);
  EXPECT_TRUE(served->roll_back());
  EXPECT_EQ(served->current()->card().name, "first");
}

TEST_F(Serving, KeepsTheModelWhenTheNextOneFailsItsCheck) {
  Worker worker{broker_.config("serving")};
  const auto served = serve(worker, kImages, kPredictions, measuring("first"));
  RunningWorker running(worker);
  EXPECT_ERROR(errc::invalid_config, "the score of label \"x\" is nan",
               served->swap(scripted([](const cv::Mat&, Outcome& outcome) { outcome.add_label("x", NAN); })));
  EXPECT_ERROR(errc::invalid_config, "no model was given", served->swap(nullptr));
  EXPECT_THROW(served->swap(measuring("second"),
                            [](Predictor&) { throw std::runtime_error("the known picture is not recognised"); }),
               std::runtime_error);
  EXPECT_FALSE(served->roll_back()) << "there was no other";
  send_scans(0, 10);
  const auto found = predictions(10);
  EXPECT_EQ(found.size(), 10U);
  for (const auto& [frame, prediction] : found) EXPECT_EQ(prediction.model().name(), "first");
  EXPECT_EQ(served->counters().swaps, 0U);
}

TEST_F(Serving, RollsBackWhenAThreadCannotUseTheNextModel) {
  Worker worker{broker_.config("serving"), {.threads = 2}};
  const auto served = serve(worker, kImages, kPredictions, measuring("first"));
  RunningWorker running(worker);
  // The check is passed by the first classifier; there is no memory for another.
  std::atomic<int> made{0};
  served->swap(make_model({.name = "greedy"}, [&made]() -> std::unique_ptr<Classifier> {
    if (++made > 1) throw std::runtime_error("out of video memory");
    return measuring("greedy")->new_classifier();
  }));
  send_scans(0, 400);
  const auto found = predictions(400);
  EXPECT_EQ(found.size(), 400U);
  EXPECT_TRUE(eventually([&] { return served->counters().roll_backs == 1; }));
  EXPECT_EQ(served->current()->card().name, "first");
  EXPECT_NE(served->last_failure().find("model greedy: out of video memory"), std::string::npos)
      << served->last_failure();
  send_scans(400, 440);
  int first = 0;
  for (const auto& [frame, prediction] : predictions(440, "another reader")) {
    if (frame >= 400) first += prediction.model().name() == "first" ? 1 : 0;
  }
  EXPECT_EQ(first, 40);
}

TEST_F(Serving, PassesOverOldFramesOfACameraAndCountsThem) {
  std::vector<v1::Image> frames;
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
  for (int frame = 0; frame < 40; ++frame) {
    frames.push_back(scan(frame * kPartitions));  // all in partition 0
    frames.back().set_source("gate");
    frames.back().set_capture_time_us((now - 1h).count() + frame);
  }
  send(frames);
  Worker worker{broker_.config("serving"), {.threads = 1}};
  const auto model = measuring("camera");
  // [freshness]
  const auto served = serve(worker, kImages, kPredictions, model,
                            {.batch = {.max_batch = 64, .max_delay = 500ms}, .freshness = Freshness{.max_age = 1s}});
  // [/freshness]
  RunningWorker running(worker);
  EXPECT_TRUE(eventually(
      [&] {
        const auto counters = served->counters();
        return counters.predictions + counters.passed_over == 40;
      },
      30s));
  EXPECT_GT(served->counters().passed_over, 0U);
  const auto found = predictions(served->counters().predictions);
  EXPECT_EQ(found.rbegin()->first, 39 * kPartitions) << "the newest is not passed over";
}

TEST_F(Serving, FreshnessNeedsFramesToChooseFrom) {
  Worker worker{broker_.config("serving")};
  EXPECT_ERROR(errc::invalid_config, "batch.max_batch",
               serve(worker, kImages, kPredictions, measuring("camera"), {.freshness = Freshness{}}));
}

TEST_F(Serving, GivesTheSameResultsWithOneAndWithFourWorkers) {
  constexpr std::size_t kScans = 400;
  send_scans(0, kScans);
  const auto results = [&](int workers, const std::string& group) {
    std::vector<std::unique_ptr<Worker>> members;
    std::vector<std::unique_ptr<RunningWorker>> running;
    const auto output = Channel<v1::Prediction>::named("predictions-" + group);
    broker_.create_topic("predictions-" + group, kPartitions);
    for (int i = 0; i < workers; ++i) {
      members.push_back(std::make_unique<Worker>(broker_.config(group), WorkerOptions{.threads = 1}));
      serve(*members.back(), kImages, output, measuring("model"), {.preprocess = "resize(4,4)|rescale(0.5,1)"});
      running.push_back(std::make_unique<RunningWorker>(*members.back()));
    }
    std::map<std::int64_t, std::string> found;
    Consumer consumer{broker_.config("reader of " + group), output};
    while (found.size() < kScans) {
      const auto* message = consumer.next(60s);
      if (message == nullptr) break;
      v1::Prediction prediction = message->value();
      prediction.clear_timings();
      prediction.clear__message_data();
      found[prediction.frame()] = prediction.SerializeAsString();
    }
    return found;
  };
  const auto one = results(1, "one");
  EXPECT_EQ(one.size(), kScans);
  EXPECT_EQ(results(4, "four"), one);
}

TEST_F(Serving, EachBadImageHasItsOwnErrorAndHarmsNoNeighbour) {
  // Frame numbers say what the classifier shall do.
  const auto model = scripted(
      [](const cv::Mat& image, Outcome& outcome) {
        const int value = image.at<std::uint8_t>(0, 0);
        if (value == 1) throw std::runtime_error("it has no idea");
        if (value == 2) outcome.add_label("x", NAN);
        if (value == 3) return;  // unset
        if (value == 4) outcome.bad_input("it is blurred");
        if (value >= 10) outcome.add_label("fine", value);
      },
      {.width = 8, .height = 8, .channels = 1, .depth = CV_8U});
  std::vector<v1::Image> images;
  for (int frame = 10; frame < 60; ++frame) images.push_back(scan(frame));
  std::map<int, std::string> bad{{1, "it threw: it has no idea"}, {2, "is nan"}, {3, "unset"}, {4, "it is blurred"}};
  for (const auto& [frame, text] : bad) images.push_back(scan(frame));
  v1::Image empty = scan(5);
  empty.set_width(0);
  empty.clear_image_data();
  images.push_back(empty);
  bad[5] = "0 x 8";
  v1::Image huge = scan(6);
  huge.set_width(100'000);
  huge.set_height(100'000);
  images.push_back(huge);
  bad[6] = "100000 x 100000";
  v1::Image other = scan(7);
  to_image(cv::Mat(9, 9, CV_8UC1, cv::Scalar::all(7)), other);
  images.push_back(other);
  bad[7] = "takes images of 8 x 8";
  v1::Image cut = scan(8);
  cut.mutable_image_data()->pop_back();
  images.push_back(cut);
  bad[8] = "63 bytes";
  std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.frame() % 7 < b.frame() % 7; });
  send(images);

  Worker worker{broker_.config("serving"), {.threads = 2, .dead_letter = {.enabled = true}}};
  const auto served = serve(worker, kImages, kPredictions, model, {.batch = {.max_batch = 8, .max_delay = 20ms}});
  RunningWorker running(worker);
  const auto found = predictions(50);
  EXPECT_EQ(found.size(), 50U);
  EXPECT_TRUE(eventually([&] { return served->counters().bad_input + served->counters().faults >= bad.size(); }));
  std::map<int, std::string> dead;
  EXPECT_TRUE(eventually(
      [&] {
        dead.clear();
        read_dead_letters(broker_.config(), "images-dlt", {},
                          [&](const DeadLetter& letter) { dead[std::stoi(letter.key.value())] = letter.error; });
        return dead.size() == bad.size();
      },
      30s));
  for (const auto& [frame, text] : bad) {
    EXPECT_NE(dead[frame].find(text), std::string::npos) << "frame " << frame << ": " << dead[frame];
  }
  // Alive.
  send_scans(100, 110);
  EXPECT_EQ(predictions(60, "a later reader").size(), 60U);
}

}  // namespace
}  // namespace conveyor::vision
