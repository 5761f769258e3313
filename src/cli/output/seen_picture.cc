#include "cli/output/seen_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "cli/output/network_input_text.h"

namespace conveyor::cli {
namespace {

constexpr int kLeastSide = 480;  // of the longer side, in pixels, so that texts fit in
constexpr int kMargin = 4, kLineHeight = 20;
constexpr double kFontScale = 0.5;
constexpr std::size_t kMostLines = 10, kLongestText = 48;
const cv::Scalar kInk(255, 255, 255);

/// Colours that differ from each other on any picture, in B, G, R.
const std::array<cv::Scalar, 6> kColors = {cv::Scalar(60, 200, 60),  cv::Scalar(40, 80, 230),
                                           cv::Scalar(230, 120, 30), cv::Scalar(30, 180, 240),
                                           cv::Scalar(200, 60, 200), cv::Scalar(190, 190, 30)};

/// The values that become black and white.
void set_bounds(const vision::PixelRange& range, const std::vector<cv::Mat>& channels, SeenPicture& seen) {
  using Kind = vision::PixelRange::Kind;
  if ((range.kind == Kind::kLevels || range.kind == Kind::kRescaled) && range.white > range.black) {
    seen.black = range.black;
    seen.white = range.white;
    return;
  }
  seen.stretched = true;
  bool any = false;
  for (const cv::Mat& channel : channels) {
    const ChannelStatistics found = statistics_of(channel);
    if (found.not_finite == channel.total()) continue;
    seen.black = any ? std::min(seen.black, found.min) : found.min;
    seen.white = any ? std::max(seen.white, found.max) : found.max;
    any = true;
  }
}

void write(cv::Mat& picture, const std::string& text, cv::Point bottom_left, const cv::Scalar& background) {
  int base = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, kFontScale, 1, &base);
  bottom_left.x = std::max(std::min(bottom_left.x, picture.cols - size.width - kMargin), kMargin);  // not cut off
  cv::rectangle(picture, bottom_left + cv::Point(-2, base), bottom_left + cv::Point(size.width + 2, -size.height - 2),
                background, cv::FILLED);
  cv::putText(picture, text, bottom_left, cv::FONT_HERSHEY_SIMPLEX, kFontScale, kInk, 1, cv::LINE_AA);
}

std::string text_of(const vision::Label& label) { return fmt::format("{} {:.3f}", drawable(label.name), label.score); }

void draw(const vision::Detection& found, int enlarged, cv::Mat& picture) {
  const auto side = static_cast<float>(enlarged);
  const vision::Box& box = found.box;
  // Cut to the picture while they are floats, which may be of any size.
  const float right = static_cast<float>(picture.cols) - 1, bottom = static_cast<float>(picture.rows) - 1;
  const float x1 = std::max(box.x * side, 0.0F), x2 = std::min((box.x + box.width) * side, right);
  const float y1 = std::max(box.y * side, 0.0F), y2 = std::min((box.y + box.height) * side, bottom);
  if (!(x1 <= x2 && y1 <= y2)) return;
  const auto number = static_cast<std::size_t>(std::max(found.label.index, 0));
  const cv::Scalar& color = kColors[number % kColors.size()];
  const cv::Point corner(cvRound(x1), cvRound(y1));
  cv::rectangle(picture, corner, {cvRound(x2), cvRound(y2)}, color, 2);
  const int baseline = std::max(corner.y - kMargin, kLineHeight - kMargin);  // above the box, or inside of it
  write(picture, text_of(found.label), {corner.x + kMargin, baseline}, color * 0.6);
}

/// The lines that stand below the picture.
std::vector<std::string> lines_of(const vision::Outcome& outcome) {
  std::vector<std::string> lines;
  if (outcome.kind() != vision::Outcome::Kind::kPrediction) return lines;
  for (const vision::Label& label : outcome.labels()) {
    if (lines.size() == kMostLines) break;
    lines.push_back(text_of(label));
  }
  const std::size_t boxes = outcome.detections().size();
  if (boxes > 0) lines.push_back(fmt::format("{} {}", boxes, boxes == 1 ? "box" : "boxes"));
  if (lines.empty()) lines.emplace_back("nothing found");
  return lines;
}

}  // namespace

SeenPicture seen_picture(const vision::NetworkInput& input) {
  std::vector<cv::Mat> channels = channels_of(input);
  if (channels.size() > 3) channels.resize(3);  // without alpha
  for (std::size_t c = 0; c < channels.size(); ++c) {
    channels[c].convertTo(channels[c], CV_64F, 1 / input.factor[c], -input.offset[c] / input.factor[c]);
  }
  SeenPicture seen;
  set_bounds(input.range, channels, seen);
  const double span = seen.white > seen.black ? seen.white - seen.black : 1;
  for (cv::Mat& channel : channels) channel.convertTo(channel, CV_8U, 255 / span, -seen.black * 255 / span);
  if (channels.size() < 3) channels = {channels[0], channels[0], channels[0]};
  if (input.order == vision::ChannelOrder::kRgb) std::swap(channels[0], channels[2]);
  cv::merge(channels, seen.pixels);
  return seen;
}

DrawnPicture drawn_on(const cv::Mat& picture, const vision::Outcome& outcome) {
  DrawnPicture drawn;
  const int longer = std::max(picture.cols, picture.rows);
  drawn.enlarged = (kLeastSide + longer - 1) / longer;
  cv::Mat large;
  cv::resize(picture, large, {}, drawn.enlarged, drawn.enlarged, cv::INTER_NEAREST);
  if (outcome.kind() == vision::Outcome::Kind::kPrediction) {
    // The surest last, above the others.
    for (auto found = outcome.detections().rbegin(); found != outcome.detections().rend(); ++found) {
      draw(*found, drawn.enlarged, large);
    }
  }
  const std::vector<std::string> lines = lines_of(outcome);
  int width = large.cols;
  for (const std::string& line : lines) {
    int base = 0;
    width = std::max(width, cv::getTextSize(line, cv::FONT_HERSHEY_SIMPLEX, kFontScale, 1, &base).width + 2 * kMargin);
  }
  const int below = lines.empty() ? 0 : static_cast<int>(lines.size()) * kLineHeight + 2 * kMargin;
  cv::copyMakeBorder(large, drawn.pixels, 0, below, 0, width - large.cols, cv::BORDER_CONSTANT, cv::Scalar::all(0));
  int baseline = large.rows + kLineHeight;
  for (const std::string& line : lines) {
    cv::putText(drawn.pixels, line, {kMargin, baseline}, cv::FONT_HERSHEY_SIMPLEX, kFontScale, kInk, 1, cv::LINE_AA);
    baseline += kLineHeight;
  }
  return drawn;
}

std::string drawable(const std::string& text) {
  std::string drawn;
  for (std::string_view left = text; !left.empty();) {
    if (drawn.size() == kLongestText) return drawn + "...";
    const std::size_t length = std::max<std::size_t>(utf8_length(left), 1);
    const bool plain = length == 1 && left[0] >= 0x20 && left[0] < 0x7f;
    drawn += plain ? left[0] : '?';
    left.remove_prefix(length);
  }
  return drawn;
}

}  // namespace conveyor::cli
