#ifndef CONVEYOR_VISION_OUTCOME_H_
#define CONVEYOR_VISION_OUTCOME_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conveyor::vision {

/// A label, and how sure the classifier is of it.
struct Label {
  std::string name = {};
  double score = 0;  ///< finite; higher is surer; the classifier says whether it is a probability
  int index = -1;    ///< in the model's list of labels, -1 when it has none
};

/// A rectangle in continuous pixel coordinates: (0, 0) is the upper left corner of the upper left pixel, whose centre
/// is (0.5, 0.5). cv::Rect(x, y, width, height) is the box of the same four numbers.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  bool operator==(const Box&) const = default;
};

struct Detection {
  Label label = {};
  Box box = {};  ///< in pixels of the image the classifier was given
};

/// What a classifier says of one image of a batch. If it says nothing, that is a fault, not an empty prediction.
///
/// Once it is a failure, labels and detections no longer count, whether they were added before or after.
///
/// Thread safety: as a standard container.
class Outcome {
 public:
  enum class Kind {
    kUnset,
    kPrediction,  ///< labels, detections, both, or nothing found
    kBadInput,    ///< this image will never be classified
    kRetryable,   ///< another attempt may succeed
    kFault,       ///< the classifier itself went wrong
  };

  void add_label(std::string_view name, double score, int index = -1) {
    predicted();
    labels_.push_back({std::string(name), score, index});
  }
  void add_detection(std::string_view name, double score, const Box& box, int index = -1) {
    predicted();
    detections_.push_back({{std::string(name), score, index}, box});
  }
  void nothing_found() { predicted(); }
  void bad_input(std::string reason) { fail(Kind::kBadInput, std::move(reason)); }
  void retry(std::string reason) { fail(Kind::kRetryable, std::move(reason)); }
  void fault(std::string reason) { fail(Kind::kFault, std::move(reason)); }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::vector<Label>& labels() const noexcept { return labels_; }
  [[nodiscard]] const std::vector<Detection>& detections() const noexcept { return detections_; }
  /// Why there is no prediction.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  /// Makes it unset again; keeps its memory.
  void reset() noexcept {
    kind_ = Kind::kUnset;
    labels_.clear();
    detections_.clear();
    reason_.clear();
  }

 private:
  void predicted() noexcept {
    if (kind_ == Kind::kUnset) kind_ = Kind::kPrediction;
  }
  void fail(Kind kind, std::string reason) {
    kind_ = kind;
    reason_ = std::move(reason);
  }

  Kind kind_ = Kind::kUnset;
  std::vector<Label> labels_;
  std::vector<Detection> detections_;
  std::string reason_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_OUTCOME_H_
