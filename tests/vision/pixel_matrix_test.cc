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
#include "vision/engine_under_test.h"

// Every kind of picture through every kind of chain into a network with every kind of card. Each cell must give what
// plain arithmetic gives, or be refused with a text that says what to change; and those that people rely on must not be
// refused.

namespace conveyor::vision {
namespace {

using Numbers = std::array<double, 3>;
constexpr Numbers kPartMean{0.485, 0.456, 0.406}, kPartDeviation{0.229, 0.224, 0.225};        // of pixels of 0 to 1
constexpr Numbers kByteMean{123.675, 116.28, 103.53}, kByteDeviation{58.395, 57.12, 57.375};  // of pixels of 0 to 255

enum class Order { kGray, kBgr, kRgb };
enum class Depth { kEight, kTwelve, kSixteen, kFloat, kFloatUnsaid };
enum class Normalize { kNone, kParts, kBytes };

struct Cell {
  Depth depth;
  Order order;        // of the picture
  std::string color;  // a step, or nothing
  bool rescales;      // by 1/255
  Normalize chain;    // what the chain normalises by
  int channels;       // of the network
  bool rgb;           // of its card
  bool scales;        // by 1/255; otherwise by 1
  Normalize card;     // what its card normalises by
};

const Numbers& mean_of(Normalize how) { return how == Normalize::kParts ? kPartMean : kByteMean; }
const Numbers& deviation_of(Normalize how) { return how == Normalize::kParts ? kPartDeviation : kByteDeviation; }

double white_of(Depth depth) {
  constexpr std::array kWhites{255.0, 4095.0, 65535.0, 1.0, 1.0};
  return kWhites[static_cast<std::size_t>(depth)];
}
bool is_float(Depth depth) { return depth == Depth::kFloat || depth == Depth::kFloatUnsaid; }

// Red, green and blue of a pixel, as parts of white. Rounding of their gray is unambiguous in 8, 12 and 16 bit.
Numbers color_at(int x, int y) { return {(209 - 23 * y) / 255.0, (91 + 10 * x) / 255.0, (57 + x + y) / 255.0}; }
double stored(double part, Depth depth) {
  return is_float(depth) ? static_cast<double>(static_cast<float>(part)) : std::round(part * white_of(depth));
}

/// Values as they are stored: gray alone, or red, green and blue.
std::vector<double> stored_at(const Cell& cell, int x, int y) {
  const Numbers rgb = color_at(x, y);
  if (cell.order == Order::kGray) return {stored(rgb[0], cell.depth)};
  return {stored(rgb[0], cell.depth), stored(rgb[1], cell.depth), stored(rgb[2], cell.depth)};
}

Sample picture(const Cell& cell, cv::Size size) {
  const int channels = cell.order == Order::kGray ? 1 : 3;
  cv::Mat values(size, CV_64FC(channels));
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::vector<double> at = stored_at(cell, x, y);
      for (int c = 0; c < channels; ++c) {
        values.ptr<double>(y)[x * channels + c] = at[static_cast<std::size_t>(cell.order == Order::kBgr ? 2 - c : c)];
      }
    }
  }
  Sample sample;
  values.convertTo(sample.pixels, cell.depth == Depth::kEight ? CV_8U : is_float(cell.depth) ? CV_32F : CV_16U);
  sample.rgb = cell.order == Order::kRgb;
  if (cell.depth == Depth::kTwelve) sample.range = PixelRange::levels(4095);
  if (cell.depth == Depth::kFloat) sample.range = PixelRange::levels(1);
  return sample;
}

std::string chain_of(const Cell& cell) {
  std::string text;
  const auto add = [&](const std::string& step) { text += (text.empty() ? "" : "|") + step; };
  const auto three = [](const Numbers& n) { return fmt::format("{},{},{}", n[0], n[1], n[2]); };
  if (cell.rescales) add(fmt::format("rescale({},0)", 1 / 255.0));
  if (!cell.color.empty()) add(cell.color);
  if (cell.chain != Normalize::kNone) {
    add(fmt::format("normalize({},{})", three(mean_of(cell.chain)), three(deviation_of(cell.chain))));
  }
  return text;
}

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

std::string name_of(const Cell& cell) {
  constexpr std::array kDepths{"8 bit", "12 bit", "16 bit", "float", "float, unsaid"};
  constexpr std::array kOrders{"gray", "BGR", "RGB"};
  constexpr std::array kNormalize{"none", "0 to 1", "0 to 255"};
  return fmt::format("{} {} through \"{}\" into {} channels, rgb={}, scale {}, card's mean {}",
                     kDepths[static_cast<std::size_t>(cell.depth)], kOrders[static_cast<std::size_t>(cell.order)],
                     chain_of(cell), cell.channels, cell.rgb, cell.scales ? "1/255" : "1",
                     kNormalize[static_cast<std::size_t>(cell.card)]);
}

class PixelMatrix : public ::testing::Test {
 protected:
  /// None for a card that contradicts itself.
  Session* session_of(const Cell& cell) {
    const std::string key =
        fmt::format("{} {} {} {}", cell.channels, cell.rgb, cell.scales, static_cast<int>(cell.card));
    const auto [found, is_new] = sessions_.try_emplace(key);
    if (is_new) {
      OnnxOptions options{.rgb = cell.rgb, .scale = cell.scales ? 1 / 255.0 : 1};
      if (cell.card != Normalize::kNone) options.mean = mean_of(cell.card), options.deviation = deviation_of(cell.card);
      const char* name = cell.channels == 1 ? "means_gray.onnx" : "means.onnx";
      try {
        found->second.emplace(engine_under_test::onnx(std::filesystem::path(CONVEYOR_TEST_MODELS) / name, options));
      } catch (const Error& error) {
        EXPECT_TRUE(names_a_cure(error.what())) << error.what();
      }
    }
    return found->second ? &*found->second : nullptr;
  }

  void try_cell(const Cell& cell) {
    SCOPED_TRACE(name_of(cell));
    Session* session = session_of(cell);
    const bool contradictory_card = cell.scales && cell.card == Normalize::kBytes;
    EXPECT_EQ(session == nullptr, contradictory_card);
    if (session == nullptr) {
      ++refused_;
      return;
    }
    const cv::Size size = cell.channels == 1 ? cv::Size(4, 4) : cv::Size(8, 6);
    const Prepared made = prepare(cell);
    const bool possible = makes_sense(cell, made) && !contradicts(cell, made);
    std::array<Outcome, 1> outcomes;
    try {
      Scratch scratch;
      const Sample& sample = steps_.parse(chain_of(cell)).run(picture(cell, size), scratch);
      session->classify(std::array{&sample}, outcomes);
    } catch (const DecodeError& error) {
      outcomes[0].bad_input(error.what());
    }
    if (outcomes[0].kind() != Outcome::Kind::kPrediction) {
      ++refused_;
      EXPECT_FALSE(possible) << outcomes[0].reason();
      EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kBadInput);
      EXPECT_TRUE(names_a_cure(outcomes[0].reason())) << outcomes[0].reason();
      return;
    }
    ++equal_;
    ASSERT_TRUE(possible) << "it has an answer, which nobody can say is right";
    const std::vector<double> expected = expected_scores(cell, made, size);
    ASSERT_EQ(outcomes[0].labels().size(), expected.size());
    for (const Label& label : outcomes[0].labels()) {
      const double right = expected[static_cast<std::size_t>(label.index)];
      EXPECT_NEAR(label.score, right, 1e-4 * std::max(1.0, std::abs(right) / 10)) << label.index;
    }
  }

  const StepRegistry steps_ = built_in_steps();
  std::map<std::string, std::optional<Session>> sessions_;
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
