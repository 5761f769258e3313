#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/cascade.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/load_plugin.h"
#include "conveyor/vision/motion.h"
#include "vision/onnx/onnx_arguments.h"

namespace conveyor::vision {
namespace {

constexpr int kAnyNumber = 1 << 24;

[[noreturn]] void fail(const ClassifierArguments& arguments, std::string_view why) {
  throw Error(errc::invalid_config, fmt::format("classifier \"{}\": {}", arguments.text(), why));
}

std::shared_ptr<const Model> make_onnx(const ClassifierArguments& arguments) {
  const std::vector<OnnxEngineKind> engines = onnx_engines(arguments, {opencv_engine()});
  return onnx_with(arguments.subject("a file"), onnx_options(arguments), engines);
}

std::shared_ptr<const Model> make_detector(const ClassifierArguments& arguments) {
  const std::vector<OnnxEngineKind> engines = onnx_engines(arguments, {opencv_engine()});
  return onnx_detector_with(arguments.subject("a file"), onnx_detector_options(arguments), engines);
}

std::shared_ptr<const Model> make_cascade(const ClassifierArguments& arguments) {
  CascadeOptions options;
  options.label = arguments.word("label");
  options.scale = arguments.number("scale", options.scale);
  options.min_neighbors = arguments.integer("min_neighbors", options.min_neighbors, 0, kAnyNumber);
  options.min_size = arguments.integer("min_size", options.min_size, 0, kMaxImageSide);
  options.max_size = arguments.integer("max_size", options.max_size, 0, kMaxImageSide);
  return cascade(arguments.subject("a file"), options);
}

std::shared_ptr<const Model> make_motion(const ClassifierArguments& arguments) {
  MotionOptions options;
  options.learning_rate = arguments.number("learning_rate", options.learning_rate);
  options.threshold = arguments.number("threshold", options.threshold);
  options.min_area = arguments.number("min_area", options.min_area);
  options.max_area = arguments.number("max_area", options.max_area);
  return motion(options);
}

/// The texts in "[text][text]".
std::vector<std::string_view> members_of(const ClassifierArguments& arguments) {
  const std::string_view subject = arguments.subject("members in square brackets");
  std::vector<std::string_view> members;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (depth == 0 && subject[i] != '[') fail(arguments, "its members stand in square brackets, [one][another]");
    if (subject[i] == '[' && depth++ == 0) begin = i + 1;
    if (subject[i] == ']' && --depth == 0) members.push_back(subject.substr(begin, i - begin));
  }
  if (depth != 0) fail(arguments, "a square bracket is not closed");
  return members;
}

std::shared_ptr<const Model> make_ensemble(const ClassifierArguments& arguments) {
  std::vector<std::shared_ptr<const Model>> members;
  for (const std::string_view member : members_of(arguments)) members.push_back(arguments.make(member));
  EnsembleOptions options;
  const std::string combine = arguments.word("combine", "mean");
  if (combine != "mean" && combine != "vote") fail(arguments, "combine is neither mean nor vote");
  options.combine = combine == "mean" ? EnsembleOptions::Combine::kMean : EnsembleOptions::Combine::kVote;
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  options.name = arguments.word("name");
  options.preprocess = arguments.word("preprocess");
  return ensemble(std::move(members), options);
}

std::shared_ptr<const Model> make_plugin(const ClassifierArguments& arguments) {
  return load_plugin(arguments.subject("a file"), arguments.rest());
}

std::shared_ptr<const Model> make_hog(const ClassifierArguments& arguments) {
  HogOptions options;
  options.stride = arguments.integer("stride", options.stride, 0, 1 << 10);
  options.padding = arguments.integer("padding", options.padding, 0, 1 << 10);
  options.scale = arguments.number("scale", options.scale);
  options.min_score = arguments.number("min_score", options.min_score);
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  return hog_people(options);
}

std::shared_ptr<const Model> make_constant(const ClassifierArguments& arguments) {
  Outcome outcome;
  outcome.add_label(arguments.subject("a label"), arguments.number("score", 1));
  return constant(outcome);
}

}  // namespace

ClassifierRegistry built_in_classifiers() {
  ClassifierRegistry classifiers;
  classifiers.add("onnx", make_onnx, "onnx:FILE?labels=FILE&activation=softmax&engine=auto&...");
  classifiers.add("detector", make_detector,
                  "detector:FILE?head=end_to_end&labels=FILE&min_score=0.25&engine=auto&...");
  classifiers.add("cascade", make_cascade, "cascade:FILE?label=face&min_neighbors=3&...");
  classifiers.add("motion", make_motion, "motion?threshold=25&...");
  classifiers.add("ensemble", make_ensemble, "ensemble:[ONE][ANOTHER]?combine=mean");
  classifiers.add("plugin", make_plugin, "plugin:FILE?...");
  classifiers.add("hog", make_hog, "hog?min_score=0.5&...");
  classifiers.add("constant", make_constant, "constant:LABEL?score=1");
  return classifiers;
}

}  // namespace conveyor::vision
