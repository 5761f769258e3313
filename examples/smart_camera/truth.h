#ifndef SMART_CAMERA_TRUTH_H_
#define SMART_CAMERA_TRUTH_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "conveyor/vision/outcome.h"

namespace smart_camera {

using conveyor::vision::Box;

/// Where people are on a frame of a video, as somebody saw them.
struct FrameTruth {
  std::int64_t frame = 0;  ///< from 0
  std::vector<Box> people = {};
};

/// Reads lines of `FRAME X,Y,WIDTH,HEIGHT X,Y,WIDTH,HEIGHT ...`, in pixels; frames rise. One without people has no box;
/// # begins a comment.
/// @param name of the text, for errors
/// @throws Error with errc::invalid_config that names the line
[[nodiscard]] std::vector<FrameTruth> parse_truth(std::istream& text, const std::string& name);

/// The area that two boxes share, by the area that they cover together: 0 to 1.
[[nodiscard]] double intersection_over_union(const Box& a, const Box& b);

/// How detections compare with the truth, on any number of frames.
struct Matches {
  std::int64_t found = 0;   ///< people with a detection: true positives
  std::int64_t wrong = 0;   ///< detections of nobody, or of somebody found already: false positives
  std::int64_t missed = 0;  ///< people without a detection

  /// The part of the detections that are right; none without detections.
  [[nodiscard]] std::optional<double> precision() const;
  /// The part of the people that were found; none without people.
  [[nodiscard]] std::optional<double> recall() const;

  Matches& operator+=(const Matches& other);
  bool operator==(const Matches&) const = default;
};

inline constexpr double kLeastOverlap = 0.5;

/// Compares the detections of a frame with its people, by the rule of PASCAL VOC (Everingham et al., "The PASCAL Visual
/// Object Classes (VOC) Challenge", 2010, section 4.2): each belongs to the person that it overlaps most. It is right
/// when their intersection over union is kLeastOverlap or more, and wrong when another is right for that person. VOC
/// begins with the surest, for its curve of precision over recall; these counts are the same in any order.
[[nodiscard]] Matches match(const std::vector<Box>& detections, const std::vector<Box>& people);

}  // namespace smart_camera

#endif  // SMART_CAMERA_TRUTH_H_
