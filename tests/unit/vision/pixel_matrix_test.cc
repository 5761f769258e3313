#include "unit/vision/pixel_matrix.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/session.h"
#include "conveyor/vision/steps.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/pixel_matrix_record.h"

// Every kind of picture through every kind of chain into a network with every kind of card. Each cell must give what
// plain arithmetic gives, or be refused with a text that says what to change; and those that people rely on must not be
// refused.

namespace conveyor::vision {
namespace {

using namespace pixel_matrix;

// What is right, from the documents alone.

/// Pixels behind the chain, red, green and blue or gray; and of them the white, 0 where they have none any more.
struct Prepared {
  double white = 0;
  bool touched = false;  // by rescale or normalize
  bool sensible = true;  // the numbers of each step were for such pixels
  bool rgb = false;
  int channels = 0;
};

Prepared prepare(const Cell& cell) {
  Prepared made{.white = white_of(cell.depth), .rgb = cell.order == Order::kRgb};
  made.channels = cell.order == Order::kGray ? 1 : 3;
  const bool known = cell.depth != Depth::kFloatUnsaid;
  if (cell.rescales) {
    made.sensible = !known || made.white == 255;
    made.white /= 255;
    made.touched = true;
  }
  if (cell.color == "color(gray)") made.channels = 1, made.rgb = false;
  if (cell.color == "color(bgr)") made.channels = 3, made.rgb = false;
  if (cell.color == "color(rgb)") made.channels = 3, made.rgb = true;
  if (cell.chain != Normalize::kNone) {
    made.sensible =
        made.sensible && made.channels == 3 && (!known || made.white == (cell.chain == Normalize::kParts ? 1 : 255));
    made.white = 0;
    made.touched = true;
  }
  return made;
}

/// The white of pixels that the numbers of the card are for; 0: it has none.
double white_of_card(const Cell& cell) {
  if (cell.scales) return 255;
  return cell.card == Normalize::kNone ? 0 : cell.card == Normalize::kParts ? 1 : 255;
}

/// What the network gets of one pixel, in red, green and blue, whatever its order, or in gray.
std::vector<double> fed(const Cell& cell, const Prepared& made, int x, int y) {
  std::vector<double> at = stored_at(cell, x, y);
  if (cell.rescales) {
    for (double& value : at) value /= 255;
  }
  if (made.channels == 1 && at.size() == 3) {
    const double gray = 0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2];
    at = {is_float(cell.depth) || cell.rescales ? gray : std::round(gray)};
  }
  if (made.channels == 3 && at.size() == 1) at = {at[0], at[0], at[0]};
  for (std::size_t c = 0; c < at.size(); ++c) {
    if (cell.chain != Normalize::kNone) {
      const std::size_t place = made.rgb ? c : 2 - c;  // among the step's numbers
      at[c] = (at[c] - mean_of(cell.chain)[place]) / deviation_of(cell.chain)[place];
    }
    if (!made.touched && cell.depth != Depth::kFloatUnsaid && cell.scales) at[c] *= 255 / made.white;
    if (cell.scales) at[c] /= 255;
    if (cell.card != Normalize::kNone) {
      const std::size_t place = at.size() == 1 ? 0 : cell.rgb ? c : 2 - c;  // among the network's channels
      at[c] = (at[c] - mean_of(cell.card)[place]) / deviation_of(cell.card)[place];
    }
  }
  return at;
}

/// The scores of models/make_models.py's networks, which are linear in the means of their channels.
std::vector<double> expected_scores(const Cell& cell, const Prepared& made, cv::Size size) {
  std::vector<double> means(static_cast<std::size_t>(made.channels));
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::vector<double> at = fed(cell, made, x, y);
      for (std::size_t c = 0; c < means.size(); ++c) means[c] += at[c] / size.area();
    }
  }
  if (means.size() == 1) return {2 * means[0] + 1};
  if (!cell.rgb) std::swap(means[0], means[2]);
  return {means[0] + 2 * means[1] - means[2] + 0.25, 0.5 * means[0] - means[1] + 3 * means[2] - 0.5};
}

/// Whether the answer of a cell can be right: what the chain leaves is what the card's numbers are for.
bool makes_sense(const Cell& cell, const Prepared& made) {
  if (!made.sensible || made.channels != cell.channels) return false;
  const double wanted = white_of_card(cell);
  if (made.white == 0) return wanted == 0;
  if (cell.depth == Depth::kFloatUnsaid) return wanted == 0;
  if (!made.touched && cell.scales) return true;  // brought to 255
  return wanted == 0 ? made.touched || made.white == 255 : made.white == wanted;
}

/// Cells that are refused although their answer could be right: somebody contradicts himself.
bool contradicts(const Cell& cell, const Prepared& made) { return cell.channels == 3 && made.rgb && !cell.rgb; }

bool names_a_cure(const std::string& text) {
  for (const char* cure : {"levels(WHITE)", "depth(8)", "scale=", "white=", "leave that step out", "leave one of",
                           "rgb=true", "put color(", "put rescale(", "change its numbers", "numbers for 3 channels"}) {
    if (text.find(cure) != std::string::npos) return true;
  }
  return false;
}

class PixelMatrix : public ::testing::Test {
 protected:
  struct Opened {
    std::optional<Session> session;  // none for a card that contradicts itself
    std::string why_none;
  };

  Opened& session_of(const Cell& cell) {
    const std::string key =
        fmt::format("{} {} {} {}", cell.channels, cell.rgb, cell.scales, static_cast<int>(cell.card));
    const auto [found, is_new] = sessions_.try_emplace(key);
    if (is_new) {
      OnnxOptions options{.rgb = cell.rgb, .scale = cell.scales ? 1 / 255.0 : 1};
      if (cell.card != Normalize::kNone) options.mean = mean_of(cell.card), options.deviation = deviation_of(cell.card);
      const auto network = std::filesystem::path(CONVEYOR_TEST_MODELS) / network_of(cell);
      try {
        found->second.session.emplace(engine_under_test::onnx(network, options));
      } catch (const Error& error) {
        EXPECT_TRUE(names_a_cure(error.what())) << error.what();
        found->second.why_none = error.what();
      }
    }
    return found->second;
  }

  void try_cell(const Cell& cell) {
    SCOPED_TRACE(name_of(cell));
    auto& [session, why_none] = session_of(cell);
    const bool contradictory_card = cell.scales && cell.card == Normalize::kBytes;
    EXPECT_EQ(!session, contradictory_card);
    if (!session) {
      ++refused_;
      record_.add_refusal(cell, why_none);
      return;
    }
    const cv::Size size = size_of(cell);
    const Sample given = picture(cell, size);
    record_.add_picture(cell, given);
    const Prepared made = prepare(cell);
    const bool possible = makes_sense(cell, made) && !contradicts(cell, made);
    std::array<Outcome, 1> outcomes;
    try {
      Scratch scratch;
      const Sample& sample = steps_.parse(chain_of(cell)).run(given, scratch);
      session->classify(std::array{&sample}, outcomes);
    } catch (const DecodeError& error) {
      outcomes[0].bad_input(error.what());
    }
    if (outcomes[0].kind() != Outcome::Kind::kPrediction) {
      ++refused_;
      record_.add_refusal(cell, outcomes[0].reason());
      EXPECT_FALSE(possible) << outcomes[0].reason();
      EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kBadInput);
      EXPECT_TRUE(names_a_cure(outcomes[0].reason())) << outcomes[0].reason();
      return;
    }
    ++equal_;
    record_.add_scores(cell, outcomes[0].labels());
    ASSERT_TRUE(possible) << "it has an answer, which nobody can say is right";
    const std::vector<double> expected = expected_scores(cell, made, size);
    ASSERT_EQ(outcomes[0].labels().size(), expected.size());
    for (const Label& label : outcomes[0].labels()) {
      const double right = expected[static_cast<std::size_t>(label.index)];
      EXPECT_NEAR(label.score, right, 1e-4 * std::max(1.0, std::abs(right) / 10)) << label.index;
    }
  }

  const StepRegistry steps_ = built_in_steps();
  std::map<std::string, Opened> sessions_;
  Record record_;
  int equal_ = 0, refused_ = 0;
};

TEST_F(PixelMatrix, GivesTheRightAnswerOrSaysWhatToChange) {
  constexpr std::array kNormalize{Normalize::kNone, Normalize::kParts, Normalize::kBytes};
  for (const Depth depth : {Depth::kEight, Depth::kTwelve, Depth::kSixteen, Depth::kFloat, Depth::kFloatUnsaid}) {
    for (const Order order : {Order::kGray, Order::kBgr, Order::kRgb}) {
      for (const char* color : {"", "color(gray)", "color(bgr)", "color(rgb)"}) {
        for (const bool rescales : {false, true}) {
          for (const Normalize chain : kNormalize) {
            for (const int channels : {1, 3}) {
              for (const bool rgb : {true, false}) {
                for (const bool scales : {true, false}) {
                  for (const Normalize card : kNormalize) {
                    try_cell({depth, order, color, rescales, chain, channels, rgb, scales, card});
                    if (HasFatalFailure()) return;
                  }
                }
              }
            }
          }
        }
      }
    }
  }
  RecordProperty("equal", equal_);
  RecordProperty("refused", refused_);
  fmt::print("{} cells give the right answer, {} are refused\n", equal_, refused_);
  EXPECT_EQ(equal_ + refused_, 5 * 3 * 4 * 2 * 3 * 2 * 2 * 2 * 3);
}

}  // namespace
}  // namespace conveyor::vision
