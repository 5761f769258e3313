#include "truth.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <istream>
#include <sstream>
#include <string_view>

#include "conveyor/error.h"

namespace smart_camera {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Box> parse_box(std::string_view text) {
  std::array<float, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const bool last = i + 1 == numbers.size();
    const std::size_t end = last ? text.size() : text.find(',');
    if (end == text.npos) return std::nullopt;
    const std::optional<float> number = parse_number<float>(text.substr(0, end));
    if (!number || !std::isfinite(*number)) return std::nullopt;
    numbers[i] = *number;
    text.remove_prefix(last ? end : end + 1);
  }
  if (numbers[2] <= 0 || numbers[3] <= 0) return std::nullopt;
  return Box{.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
}

double area(const Box& box) { return static_cast<double>(box.width) * static_cast<double>(box.height); }

double shared_length(double a, double a_length, double b, double b_length) {
  return std::max(0.0, std::min(a + a_length, b + b_length) - std::max(a, b));
}

}  // namespace

std::vector<FrameTruth> parse_truth(std::istream& text, const std::string& name) {
  std::vector<FrameTruth> truth;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const auto fail = [&](const std::string& why) {
      throw conveyor::Error(conveyor::make_error_code(conveyor::errc::invalid_config),
                            name + ", line " + std::to_string(number) + ": " + why);
    };
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    if (!(words >> word)) continue;
    const std::optional<std::int64_t> frame = parse_number<std::int64_t>(word);
    if (!frame || *frame < 0) fail("it begins with \"" + word + "\", and not with the number of a frame");
    if (!truth.empty() && *frame <= truth.back().frame) {
      fail("frames must rise, and " + std::to_string(truth.back().frame) + " stands above");
    }
    truth.push_back({.frame = *frame});
    while (words >> word) {
      const std::optional<Box> box = parse_box(word);
      if (!box) fail("\"" + word + "\" is no box; a box is X,Y,WIDTH,HEIGHT, the last two above 0");
      truth.back().people.push_back(*box);
    }
  }
  return truth;
}

double intersection_over_union(const Box& a, const Box& b) {
  const double shared = shared_length(a.x, a.width, b.x, b.width) * shared_length(a.y, a.height, b.y, b.height);
  return shared == 0 ? 0 : shared / (area(a) + area(b) - shared);
}

std::optional<double> Matches::precision() const {
  if (found + wrong == 0) return std::nullopt;
  return static_cast<double>(found) / static_cast<double>(found + wrong);
}

std::optional<double> Matches::recall() const {
  if (found + missed == 0) return std::nullopt;
  return static_cast<double>(found) / static_cast<double>(found + missed);
}

Matches& Matches::operator+=(const Matches& other) {
  found += other.found;
  wrong += other.wrong;
  missed += other.missed;
  return *this;
}

Matches match(const std::vector<Box>& detections, const std::vector<Box>& people) {
  Matches matches;
  std::vector<bool> taken(people.size(), false);
  for (const Box& detection : detections) {
    std::size_t best = people.size();
    double most = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const double overlap = intersection_over_union(detection, people[i]);
      if (overlap > most) {
        most = overlap;
        best = i;
      }
    }
    if (most >= kLeastOverlap && !taken[best]) {
      taken[best] = true;
      ++matches.found;
    } else {
      ++matches.wrong;
    }
  }
  matches.missed = static_cast<std::int64_t>(people.size()) - matches.found;
  return matches;
}

}  // namespace smart_camera
