#include "conveyor/vision/predictor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/preprocess.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::system_clock;

v1::Image picture(int width = 200, int height = 100) {
  v1::Image image;
  to_image(cv::Mat(height, width, CV_8UC3, cv::Scalar(10, 20, 30)), image);
  image.set_frame(42);
  image.mutable__message_data()->set_uuid("5c6aa1b0");
  return image;
}

Message<v1::Image> received(v1::Image image) {
  return testing::message(std::move(image), {.topic = "cameras", .partition = 3, .offset = 77});
}

std::shared_ptr<const Model> answering(Outcome outcome) { return constant(std::move(outcome)); }

TEST(Predictor, FillsThePrediction) {
  Outcome outcome;
  outcome.add_label("indoors", 0.25, 4);
  outcome.add_label("outdoors", 0.75, 5);
  outcome.add_detection("dog", 0.5, {0, 25, 50, 50}, 1);
  outcome.add_detection("person", 2, {10, 30, 20, 40}, 0);
  outcome.add_detection("person", 0.1, {50, 50, 1, 1}, 0);
  outcome.add_detection("shadow", 9, {10, 0, 20, 20}, 7);  // in the padding
  class Answers final : public Classifier {
   public:
    explicit Answers(Outcome outcome) : outcome_(std::move(outcome)) {}
    std::string_view name() const override { return "answers"; }
    void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
      EXPECT_EQ(images.size(), 1U);
      outcomes[0] = outcome_;
    }

   private:
    Outcome outcome_;
  };
  const auto model = make_model({.name = "street", .version = "7", .sha256 = "ab12", .preprocess = "resize(9,9)"},
                                [outcome] { return std::make_unique<Answers>(outcome); });
  Predictor predict(model, {.preprocess = " letterbox( 100, 100) "});
  const v1::Prediction got = predict(received(picture()));

  EXPECT_EQ(got.frame(), 42);
  EXPECT_EQ(got.model().name(), "street");
  EXPECT_EQ(got.model().version(), "7");
  EXPECT_EQ(got.model().sha256(), "ab12");
  EXPECT_EQ(got.preprocess(), "letterbox(100,100)");
  EXPECT_EQ(got.input().topic(), "cameras");
  EXPECT_EQ(got.input().partition(), 3);
  EXPECT_EQ(got.input().offset(), 77);
  EXPECT_EQ(got.input().uuid(), "5c6aa1b0");

  ASSERT_EQ(got.object_size(), 4);
  EXPECT_EQ(got.object(0), "person");
  EXPECT_EQ(got.object(1), "outdoors");
  EXPECT_EQ(got.object(2), "dog");
  EXPECT_EQ(got.object(3), "indoors");
  ASSERT_EQ(got.classifications_size(), 2);
  EXPECT_EQ(got.classifications(0).label(), "outdoors");
  EXPECT_FLOAT_EQ(got.classifications(0).score(), 0.75F);
  EXPECT_EQ(got.classifications(0).index(), 5);

  // 200 x 100 in 100 x 100: half the size, 25 rows above.
  ASSERT_EQ(got.detections_size(), 3);
  EXPECT_EQ(got.detections(0).label(), "person");
  EXPECT_FLOAT_EQ(got.detections(0).box().x(), 20);
  EXPECT_FLOAT_EQ(got.detections(0).box().y(), 10);
  EXPECT_FLOAT_EQ(got.detections(0).box().width(), 40);
  EXPECT_FLOAT_EQ(got.detections(0).box().height(), 80);
  EXPECT_EQ(got.detections(1).label(), "dog");
  EXPECT_FLOAT_EQ(got.detections(1).box().width(), 100);
  EXPECT_FLOAT_EQ(got.detections(1).box().height(), 100);
}

TEST(Predictor, CutsBoxesAtTheEdgesOfTheImage) {
  Outcome outcome;
  outcome.add_detection("wide", 1, {-5, 90, 500, 20});
  outcome.add_detection("outside", 1, {300, 10, 5, 5});
  Predictor predict(answering(outcome));
  const v1::Prediction got = predict(received(picture()));
  ASSERT_EQ(got.detections_size(), 1);
  const v1::Box& box = got.detections(0).box();
  EXPECT_EQ((Box{box.x(), box.y(), box.width(), box.height()}), (Box{0, 90, 200, 10}));
}

TEST(Predictor, UsesTheChainOfTheModelsCard) {
  int width = 0;
  const auto look = scripted([&](const cv::Mat& image, Outcome& outcome) {
    width = image.cols;
    outcome.nothing_found();
  });
  const auto model =
      make_model({.name = "look", .preprocess = "resize(9,9)"}, [look] { return look->new_classifier(); });
  Predictor predict(model);
  EXPECT_EQ(predict(received(picture())).preprocess(), "resize(9,9)");
  EXPECT_EQ(width, 9);
}

TEST(Predictor, GivesTheClassifierBgrAndCountsTheWait) {
  cv::Scalar mean;
  Predictor predict(scripted([&](const cv::Mat& image, Outcome& outcome) {
    mean = cv::mean(image);
    outcome.nothing_found();
  }));
  v1::Image image = picture();
  image.set_pixel_format(v1::PIXEL_FORMAT_RGB);
  image.set_capture_time_us(duration_cast<microseconds>(system_clock::now().time_since_epoch()).count() - 2'000'000);
  const v1::Prediction got = predict(received(image));
  EXPECT_EQ(mean, cv::Scalar(30, 20, 10));
  EXPECT_GE(got.timings().wait_us(), 2'000'000);
  EXPECT_LT(got.timings().wait_us(), 60'000'000);
  EXPECT_EQ(got.object_size(), 0);

  image.clear_capture_time_us();
  EXPECT_EQ(predict(received(image)).timings().wait_us(), 0) << "neither capture nor record has a time";
  image.set_capture_time_us(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(predict(received(image)).timings().wait_us(), 0) << "clocks may differ";
}

TEST(Predictor, RescalesWithTheSlopeAndInterceptOfTheDecoder) {
  cv::Scalar mean;
  const auto model = scripted([&](const cv::Mat& image, Outcome& outcome) {
    mean = cv::mean(image);
    outcome.nothing_found();
  });
  const cv::Mat pixels(4, 4, CV_16UC1, cv::Scalar(1024));
  const auto decode = [&](const v1::Image&, cv::Mat&) { return DecodedImage(pixels, 2, -1000); };
  Predictor predict(model, {.preprocess = "rescale", .decode = decode});
  (void)predict(received(picture()));
  EXPECT_EQ(mean[0], 2 * 1024 - 1000);
}

TEST(Predictor, NamesTheRecordOfBadInput) {
  Outcome outcome;
  outcome.nothing_found();
  Predictor predict(answering(outcome));
  const std::string record = "record cameras [3] at offset 77: ";
  v1::Image image = picture();
  image.set_width(-200);
  EXPECT_ERROR(errc::decode, record + "image of frame 42 cannot be read: its size is -200 x 100",
               (void)predict(received(image)));
  image = picture();
  image.mutable_image_data()->resize(5);
  EXPECT_THROW((void)predict(received(image)), DecodeError);
  image = picture();
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  EXPECT_ERROR(errc::decode, "Conveyor::media", (void)predict(received(image)));
  EXPECT_EQ(predict(received(picture())).frame(), 42) << "and the next one is read";
}

TEST(Predictor, TurnsOutcomesIntoErrors) {
  Predictor predict(scripted([](const cv::Mat& image, Outcome& outcome) {
    if (image.rows == 1) return outcome.bad_input("too thin");
    if (image.rows == 2) return outcome.retry("busy");
    if (image.rows == 3) return;
    outcome.nothing_found();
  }));
  const std::string classifier = "offset 77: classifier scripted: ";
  EXPECT_ERROR(errc::decode, classifier + "too thin", (void)predict(received(picture(5, 1))));
  EXPECT_ERROR(errc::handler_failed, classifier + "it left the outcome unset", (void)predict(received(picture(5, 3))));
  EXPECT_THROW((void)predict(received(picture(5, 2))), RetryableError);
}

/// What a decoder or a step throws, by the frame's number.
void throw_for(std::int64_t frame) {
  if (frame == 1) throw DecodeError("unreadable");
  if (frame == 2) throw RetryableError("busy");
  if (frame == 3) throw Error(errc::broker_unreachable, "the store is away");
  if (frame == 4) throw Error(errc::not_authorized, "no key");
  if (frame == 5) throw std::out_of_range("a bug");
  if (frame == 6) throw 6;
}

/// Of six images, numbered from 1, what each failed with.
std::vector<Failure> failures_of(Predictor& predict) {
  std::vector<Message<v1::Image>> messages;
  for (int frame = 1; frame <= 6; ++frame) {
    v1::Image image = picture(5, frame);
    image.set_frame(frame);
    messages.push_back(received(std::move(image)));
  }
  std::vector<const Message<v1::Image>*> pointers;
  for (const auto& message : messages) pointers.push_back(&message);
  std::vector<Predictor::Result> results(messages.size());
  predict(pointers, results);
  std::vector<Failure> failures;
  for (const auto& result : results) failures.push_back(result.failure.value_or(Failure{Outcome::Kind::kUnset}));
  return failures;
}

template <class E>
std::string thrown_as(const Failure& failure) {
  try {
    std::rethrow_exception(failure.as_exception());
  } catch (const E& error) {
    return error.what();
  } catch (...) {
    return "another type";
  }
}

TEST(Predictor, HandsOnWhatADecoderThrowsUnchanged) {
  const auto decode = [](const v1::Image& image, cv::Mat& buffer) {
    throw_for(image.frame());
    return vision::decode(image, buffer);
  };
  Outcome fine;
  fine.nothing_found();
  Predictor predict(constant(fine), {.decode = decode});
  const std::vector<Failure> failures = failures_of(predict);
  const std::string record = "record cameras [3] at offset 77: ";
  EXPECT_EQ(failures[0].kind, Outcome::Kind::kBadInput);
  EXPECT_EQ(failures[0].reason, record + "unreadable");
  EXPECT_EQ(failures[1].kind, Outcome::Kind::kRetryable);
  EXPECT_EQ(failures[1].reason, record + "busy");
  EXPECT_EQ(failures[2].kind, Outcome::Kind::kRetryable) << "which Error::retryable() says";
  EXPECT_EQ(failures[3].kind, Outcome::Kind::kFault);
  EXPECT_EQ(thrown_as<Error>(failures[3]), record + "no key");
  EXPECT_ERROR(errc::not_authorized, "no key", std::rethrow_exception(failures[3].as_exception()));
  EXPECT_EQ(failures[4].kind, Outcome::Kind::kFault);
  EXPECT_EQ(failures[4].reason, record + "a bug");
  EXPECT_EQ(thrown_as<std::out_of_range>(failures[4]), "a bug") << "RetryOptions::also sees its type";
  EXPECT_EQ(failures[5].kind, Outcome::Kind::kFault);
  EXPECT_THROW(std::rethrow_exception(failures[5].as_exception()), int);
}

TEST(Predictor, HandsOnWhatAStepThrowsUnchanged) {
  class Throwing final : public PreprocessStep {
   public:
    void apply(const Sample& in, Sample& out) const override {
      throw_for(in.pixels.rows);
      in.pixels.copyTo(out.pixels);
    }
    std::string text() const override { return "throwing"; }
  };
  StepRegistry steps = built_in_steps();
  steps.add("throwing", [](const StepArguments&) { return std::make_shared<const Throwing>(); });
  Outcome fine;
  fine.nothing_found();
  Predictor predict(constant(fine), {.preprocess = "throwing", .steps = steps});
  const std::vector<Failure> failures = failures_of(predict);
  const std::string record = "record cameras [3] at offset 77: ";
  EXPECT_EQ(failures[0].kind, Outcome::Kind::kBadInput);
  EXPECT_EQ(failures[0].reason,
            record + "preprocess step throwing cannot work on 5 x 1, 3 channels, 8 bit: unreadable");
  EXPECT_EQ(failures[1].kind, Outcome::Kind::kRetryable);
  EXPECT_EQ(failures[1].reason, record + "busy");
  EXPECT_EQ(failures[2].kind, Outcome::Kind::kRetryable);
  EXPECT_EQ(failures[3].kind, Outcome::Kind::kBadInput) << "a step refuses with any Error";
  EXPECT_EQ(failures[4].kind, Outcome::Kind::kFault);
  EXPECT_EQ(failures[4].reason, record + "preprocess step throwing threw: a bug");
  EXPECT_EQ(thrown_as<std::out_of_range>(failures[4]), "a bug");
  EXPECT_EQ(failures[5].kind, Outcome::Kind::kFault);
  EXPECT_THROW(std::rethrow_exception(failures[5].as_exception()), int);
}

TEST(Predictor, HandsOnWhatAClassifierSaysOrThrowsUnchanged) {
  Predictor predict(scripted([](const cv::Mat& image, Outcome& outcome) {
    if (image.rows == 1) return outcome.bad_input("too thin");
    if (image.rows == 2) return outcome.retry("busy");
    if (image.rows == 3) return outcome.fault("no weights");
    if (image.rows == 4) throw DecodeError("unreadable");
    if (image.rows == 5) throw RetryableError("later");
    if (image.rows == 6) throw std::out_of_range("a bug");
    outcome.nothing_found();
  }));
  const std::vector<Failure> failures = failures_of(predict);
  const std::string classifier = "record cameras [3] at offset 77: classifier scripted: ";
  using Kind = Outcome::Kind;
  const std::pair<Kind, std::string> expected[] = {{Kind::kBadInput, "too thin"}, {Kind::kRetryable, "busy"},
                                                   {Kind::kFault, "no weights"},  {Kind::kBadInput, "unreadable"},
                                                   {Kind::kRetryable, "later"},   {Kind::kFault, "it threw: a bug"}};
  for (std::size_t i = 0; i < failures.size(); ++i) {
    EXPECT_EQ(failures[i].kind, expected[i].first) << i;
    EXPECT_EQ(failures[i].reason, classifier + expected[i].second);
    EXPECT_FALSE(failures[i].thrown) << i;
  }
}

TEST(Predictor, RefusesWhatCannotWork) {
  Outcome outcome;
  outcome.nothing_found();
  const auto make = [](std::shared_ptr<const Model> model, const ServeOptions& options) { Predictor(model, options); };
  EXPECT_ERROR(errc::invalid_config, "did you mean resize", make(answering(outcome), {.preprocess = "resiez(8,8)"}));
  EXPECT_ERROR(errc::invalid_config, "decode is empty", make(answering(outcome), {.decode = nullptr}));
  EXPECT_ERROR(errc::invalid_config, "resize(8,8)",
               make(constant(outcome, {.width = 9, .height = 9}), {.preprocess = "resize(8,8)"}));
}

}  // namespace
}  // namespace conveyor::vision
