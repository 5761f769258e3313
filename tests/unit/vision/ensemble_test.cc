#include "conveyor/vision/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "conveyor/vision/fake.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

using Combine = EnsembleOptions::Combine;
using Said = std::function<void(Outcome&)>;

/// A model of this card that says the same of every image.
std::shared_ptr<const Model> saying(ModelCard card, const Said& said, InputSpec input = {}) {
  const auto fake = scripted([said](const cv::Mat&, Outcome& outcome) { said(outcome); }, input);
  return make_model(std::move(card), [fake] { return fake->new_classifier(); });
}

Outcome classify(const std::shared_ptr<const Model>& model) {
  std::array<Outcome, 1> outcomes;
  model->new_classifier()->classify(std::array{cv::Mat(4, 4, CV_8UC1, cv::Scalar(7))}, outcomes);
  return outcomes[0];
}

const auto kFirst = saying({.name = "first", .version = "1", .sha256 = "aa", .labels = {"cat", "dog"}}, [](Outcome& o) {
  o.add_label("cat", 0.8, 0);
  o.add_label("dog", 0.2, 1);
});
const auto kSecond = saying({.name = "second", .labels = {"dog", "cow"}}, [](Outcome& o) {
  o.add_label("dog", 0.7, 0);
  o.add_label("cow", 0.3, 1);
});
const auto kThird = saying({.name = "third", .labels = {"cow"}}, [](Outcome& o) { o.add_label("dog", 0.4); });

double score_of(const Outcome& outcome, const std::string& name) {
  for (const Label& label : outcome.labels()) {
    if (label.name == name) return label.score;
  }
  return NAN;
}

TEST(Ensemble, TakesTheMeanOfScores) {
  const Outcome outcome = classify(ensemble({kFirst, kSecond}));
  ASSERT_EQ(outcome.labels().size(), 3U);
  EXPECT_DOUBLE_EQ(score_of(outcome, "cat"), 0.4);
  EXPECT_DOUBLE_EQ(score_of(outcome, "dog"), 0.45);
  EXPECT_DOUBLE_EQ(score_of(outcome, "cow"), 0.15);
  for (const Label& label : outcome.labels()) {
    EXPECT_EQ(label.index, label.name == "cat" ? 0 : label.name == "dog" ? 1 : 2);
  }
}

TEST(Ensemble, CountsVotes) {
  const Outcome outcome = classify(ensemble({kFirst, kSecond, kThird}, {.combine = Combine::kVote}));
  EXPECT_EQ(outcome.labels().size(), 2U);
  EXPECT_NEAR(score_of(outcome, "cat"), 1.0 / 3, 1e-12);
  EXPECT_NEAR(score_of(outcome, "dog"), 2.0 / 3, 1e-12);
}

TEST(Ensemble, JoinsDetectionsThatAreTheSame) {
  const auto left = saying({.name = "left"}, [](Outcome& o) { o.add_detection("egg", 0.6, {0, 0, 10, 10}); });
  const auto both = saying({.name = "both"}, [](Outcome& o) {
    o.add_detection("egg", 0.9, {1, 0, 10, 10});
    o.add_detection("egg", 0.5, {50, 0, 10, 10});
  });
  const Outcome outcome = classify(ensemble({left, both}));
  ASSERT_EQ(outcome.detections().size(), 2U);
  EXPECT_EQ(outcome.detections()[0].label.score, 0.9);
  EXPECT_EQ(outcome.detections()[1].label.score, 0.5);
  EXPECT_EQ(classify(ensemble({left, both}, {.max_overlap = 0.95})).detections().size(), 3U);
}

TEST(Ensemble, FailsAsItsMembersFail) {
  const auto with = [](const Said& said) { return classify(ensemble({kFirst, saying({.name = "odd"}, said)})); };
  using Kind = Outcome::Kind;
  EXPECT_EQ(with([](Outcome& o) { o.bad_input("too dark"); }).kind(), Kind::kBadInput);
  EXPECT_EQ(with([](Outcome& o) { o.bad_input("too dark"); }).reason(), "member odd: too dark");
  EXPECT_EQ(with([](Outcome& o) { o.retry("later"); }).kind(), Kind::kRetryable);
  EXPECT_EQ(with([](Outcome& o) { o.fault("no"); }).kind(), Kind::kFault);
  EXPECT_EQ(with([](Outcome&) {}).reason(), "member odd: it left the outcome unset");
  const Outcome empty = with([](Outcome& o) { o.nothing_found(); });
  EXPECT_EQ(empty.kind(), Kind::kPrediction);
  EXPECT_DOUBLE_EQ(score_of(empty, "cat"), 0.4);
  for (const Combine combine : {Combine::kMean, Combine::kVote}) {
    EXPECT_ERROR(errc::invalid_config, "is nan",
                 Session(ensemble({kFirst, saying({.name = "odd"}, [](Outcome& o) { o.add_label("cat", NAN); })},
                                  {.combine = combine})));
  }
}

TEST(Ensemble, NamesItsMembersInItsCard) {
  const ModelCard card = ensemble({kFirst, kSecond}, {.name = "pair"})->card();
  EXPECT_EQ(card.name, "pair");
  EXPECT_EQ(card.version, "first-1+second");
  EXPECT_EQ(card.labels, (std::vector<std::string>{"cat", "dog", "cow"}));
  EXPECT_EQ(card.sha256, sha256("first\n1\naa\nsecond\n\n\n"));
}

TEST(Ensemble, TakesWhatAllMembersTake) {
  const Said nothing = [](Outcome& o) { o.nothing_found(); };
  const auto wide = saying({.name = "wide"}, nothing, {.width = 8, .max_batch = 4});
  const auto gray = saying({.name = "gray"}, nothing, {.channels = 1, .depth = CV_8U, .max_batch = 2});
  const auto narrow = saying({.name = "narrow"}, nothing, {.width = 4});
  const InputSpec input = ensemble({wide, gray})->new_classifier()->input();
  EXPECT_TRUE(input.width == 8 && input.height == 0 && input.channels == 1 && input.depth == CV_8U &&
              input.max_batch == 2);
  EXPECT_ERROR(errc::invalid_config, "different width: 8 and 4", (void)ensemble({wide, narrow}));
  const auto chained = saying({.name = "chained", .preprocess = "color(gray)"}, nothing);
  EXPECT_ERROR(errc::invalid_config, "different preprocess chains, \"\" and \"color(gray)\"",
               (void)ensemble({wide, chained}));
  EXPECT_EQ(ensemble({wide, chained}, {.preprocess = "resize(8,8)"})->card().preprocess, "resize(8,8)");
  EXPECT_ERROR(errc::invalid_config, "needs members", (void)ensemble({}));
  EXPECT_ERROR(errc::invalid_config, "is null", (void)ensemble({wide, nullptr}));
  EXPECT_ERROR(errc::invalid_config, "max_overlap", (void)ensemble({wide}, {.max_overlap = 2}));
}

}  // namespace
}  // namespace conveyor::vision
