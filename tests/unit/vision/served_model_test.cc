#include "conveyor/vision/served_model.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

/// A model whose classifiers find nothing.
std::shared_ptr<const Model> named(const std::string& name) {
  return make_model({.name = name}, [] {
    return scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); })->new_classifier();
  });
}

TEST(ServedModel, SwapsAndRollsBackOnce) {
  const auto first = named("first"), second = named("second");
  ServedModel served(first);
  EXPECT_FALSE(served.roll_back()) << "there was no other";
  served.swap(second);
  EXPECT_EQ(served.current(), second);
  EXPECT_TRUE(served.roll_back());
  EXPECT_EQ(served.current(), first);
  EXPECT_FALSE(served.roll_back());
  EXPECT_EQ(served.counters().swaps, 1U);
  EXPECT_EQ(served.counters().roll_backs, 1U);
}

TEST(ServedModel, KeepsTheModelWhenTheNextOneFailsItsCheck) {
  const auto first = named("first");
  ServedModel served(first);
  EXPECT_THROW(served.swap(named("second"), [](Predictor&) { throw std::runtime_error("unknown"); }),
               std::runtime_error);
  EXPECT_ERROR(errc::invalid_config, "no model was given", served.swap(nullptr));
  EXPECT_EQ(served.current(), first);
  EXPECT_EQ(served.counters().swaps, 0U);
}

TEST(ServedModel, FreshnessNeedsBatches) {
  EXPECT_ERROR(errc::invalid_config, "batch.max_batch", ServedModel(named("camera"), {.freshness = Freshness{}}));
}

}  // namespace
}  // namespace conveyor::vision
