#ifndef CONVEYOR_VISION_ENSEMBLE_H_
#define CONVEYOR_VISION_ENSEMBLE_H_

#include <memory>
#include <string>
#include <vector>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

struct EnsembleOptions {
  enum class Combine {
    kMean,  ///< a label's score is the mean over the members; 0 from those that do not name it
    kVote,  ///< each member has one vote, for its surest label; the score is its share of the votes
  };
  Combine combine = Combine::kMean;
  /// Of two boxes of one label whose intersection over union is above this, the surer one stays; 0 to 1.
  double max_overlap = 0.5;
  std::string name = {};        ///< empty: "ensemble"
  std::string preprocess = {};  ///< empty: the members' own, which must then be the same
};

/// Several models that look at the same image, as one.
///
///     auto model = conveyor::vision::ensemble({conveyor::vision::onnx("a.onnx"), conveyor::vision::onnx("b.onnx")});
///
/// Labels are combined by name. Detections are those of all members, without the boxes that several of them found.
/// Where a member fails, the ensemble fails, naming the member. For kMean, the members should give probabilities.
///
/// The card has all labels of the members, each once; its version names the members, and its SHA-256 is that of their
/// cards' names, versions and digests, each followed by a line feed.
///
/// @throws Error with errc::invalid_config when there are no members, they take no common image or need different
///         preprocessing, or for options out of range; and as making a member's classifier does
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> ensemble(std::vector<std::shared_ptr<const Model>> members,
                                                                    const EnsembleOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_ENSEMBLE_H_
