#include "vision/serve/serving_thread.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>

#include "conveyor/testing/handler.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/image.h"

namespace conveyor::vision {
namespace {

/// A model that counts its classifiers, and makes at most some.
struct CountedModel {
  explicit CountedModel(const std::string& name, int most = 100)
      : model(make_model({.name = name}, [this, most]() -> std::unique_ptr<Classifier> {
          if (++made > most) throw std::runtime_error("out of video memory");
          return scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); })->new_classifier();
        })) {}

  int made = 0;
  std::shared_ptr<const Model> model;
};

/// The name of the model that a prediction of this thread is made with.
std::string model_of(ServingThread& thread) {
  v1::Image image;
  to_image(cv::Mat(4, 4, CV_8UC1, cv::Scalar(7)), image);
  const Message<v1::Image> message = testing::message(std::move(image));
  const std::array messages{&message};
  return thread.predict(messages)[0].prediction.model().name();
}

TEST(ServingThread, MakesAClassifierOnlyWhereAnotherModelIsInUse) {
  CountedModel first("first"), second("second");
  const auto served = std::make_shared<ServedModel>(first.model);
  ServingThread one(served);
  EXPECT_EQ(first.made, 1) << "the first thread gets the classifier that was tried";
  ServingThread another(served);
  EXPECT_EQ(first.made, 2) << "each thread has its own";
  EXPECT_EQ(model_of(one), "first");
  served->swap(second.model);
  EXPECT_EQ(model_of(one), "second");
  EXPECT_EQ(model_of(one), "second");
  EXPECT_EQ(second.made, 1);
  EXPECT_EQ(model_of(another), "second");
  EXPECT_EQ(second.made, 2);
  EXPECT_EQ(first.made, 2);
}

TEST(ServingThread, RollsBackAModelThatItCannotUse) {
  CountedModel first("first"), greedy("greedy", 1);
  const auto served = std::make_shared<ServedModel>(first.model);
  ServingThread one(served), another(served);
  served->swap(greedy.model);
  EXPECT_EQ(model_of(one), "greedy");
  EXPECT_EQ(model_of(another), "first") << "it goes on with what it has";
  EXPECT_EQ(model_of(one), "first") << "all threads look again";
  EXPECT_EQ(served->current(), first.model);
  EXPECT_EQ(served->last_failure(), "model greedy: out of video memory");
  EXPECT_EQ(served->counters().roll_backs, 1U);
}

TEST(ServingThread, CannotBeMadeWithAModelThatItCannotUseWhereThereIsNoOther) {
  CountedModel greedy("greedy", 1);
  const auto served = std::make_shared<ServedModel>(greedy.model);
  ServingThread one(served);
  EXPECT_THROW(ServingThread another(served), std::runtime_error);
  EXPECT_EQ(model_of(one), "greedy");
}

}  // namespace
}  // namespace conveyor::vision
