#ifndef CONVEYOR_VISION_CLASSIFIER_REGISTRY_H_
#define CONVEYOR_VISION_CLASSIFIER_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/export.h"

namespace conveyor::vision {

class ClassifierRegistry;
class Model;

/// A classifier as configurations name it: `name`, `name:subject`, `name:subject?key=value&key=value`.
///
///     onnx:models/egg.onnx?labels=labels.txt&activation=softmax
///
/// The subject ends at the first `?` outside of square brackets, which hold other classifiers: members of an ensemble,
/// to eight levels. Neither `?` nor `&` can be escaped; give files other names. A key that is not asked for, or a value
/// that is malformed, is an Error with errc::invalid_config that quotes the text.
///
/// Thread safety: one thread at a time.
class CONVEYOR_EXPORT ClassifierArguments {
 public:
  /// @param registry what make() knows
  explicit ClassifierArguments(std::string_view text, const ClassifierRegistry* registry = nullptr);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// What stands between the colon and the question mark.
  /// @param what it is, for the error when there is none: "a file"
  [[nodiscard]] const std::string& subject(std::string_view what) const;
  /// A classifier named within these arguments, by the registry that was asked for this one.
  [[nodiscard]] std::shared_ptr<const Model> make(std::string_view text) const;
  /// Everything behind the question mark, as it is: for classifiers that read it themselves.
  [[nodiscard]] const std::string& rest() const;

  [[nodiscard]] std::string word(std::string_view key, std::string otherwise = {}) const;
  [[nodiscard]] double number(std::string_view key, double otherwise) const;  ///< finite
  /// `key=1,2.5,3`; empty when it is not given.
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;
  [[nodiscard]] int integer(std::string_view key, int otherwise, int lowest, int highest) const;
  [[nodiscard]] bool flag(std::string_view key, bool otherwise) const;  ///< true or false

  /// Throws when keys were given that nobody asked for, naming those that were, or a subject.
  void check_all_used() const;

 private:
  std::optional<std::string> find(std::string_view key) const;
  double read_number(std::string_view key, std::string_view value) const;
  [[noreturn]] void fail(std::string_view why) const;

  const ClassifierRegistry* registry_;
  std::string text_;
  std::string name_;
  std::string subject_;
  std::string rest_;
  mutable std::vector<std::string> asked_;
  mutable bool subject_used_ = false;
  mutable bool rest_used_ = false;
};

/// Makes a model from its arguments; throws Error when it cannot.
using ModelMaker = std::function<std::shared_ptr<const Model>(const ClassifierArguments& arguments)>;

/// The classifiers that a configuration may name.
///
///     vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
///     classifiers.add("brightness", [](const vision::ClassifierArguments& arguments) {
///       return vision::model_of<Brightness>(arguments.number("threshold", 0.5));
///     });
///     auto model = classifiers.make(config.classifier);  // "brightness?threshold=0.4"
///
/// Thread safety: as a standard container.
class CONVEYOR_EXPORT ClassifierRegistry {
 public:
  /// @param name letters, digits and underscores, beginning with a letter
  /// @param usage one line for people: "brightness?threshold=0.5"
  /// @throws Error with errc::invalid_config for another name, or one that is taken
  void add(std::string name, ModelMaker make, std::string usage = {});
  /// Has another function make a classifier that is known; its usage stays.
  /// @throws Error with errc::invalid_config when it is not known
  void replace(std::string_view name, ModelMaker make);
  [[nodiscard]] bool contains(std::string_view name) const;

  /// @param text as ClassifierArguments reads it; files are relative to the working directory
  /// @throws Error with errc::invalid_config saying what is wrong; for an unknown name: the closest and all known ones;
  ///         and as the classifier's own function does
  [[nodiscard]] std::shared_ptr<const Model> make(std::string_view text) const;

  struct Entry {
    std::string name = {};
    std::string usage = {};
  };
  /// By name.
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  struct Known {
    ModelMaker make = {};
    std::string usage = {};
  };
  std::map<std::string, Known, std::less<>> known_;
};

/// Those of this library, with the fields of their options as keys:
///
/// - `onnx:FILE` (onnx.h), with the model card beside the file; `labels` names a file of one label a line. `engine` is
///   auto, opencv or onnxruntime: what runs the network. OpenCV does, unless onnxruntime::add_classifiers() was called
/// - `detector:FILE` (onnx_detector.h), likewise; values of an enumeration are
///   its names without the k: `head=end_to_end`, `box_units=pixels`
/// - `cascade:FILE` (cascade.h), `hog` (hog.h), `motion` (motion.h)
/// - `ensemble:[ONE][ANOTHER]` (ensemble.h), of texts such as these; `combine` is mean or vote
/// - `plugin:FILE` (load_plugin.h); all that stands behind the question mark is the plugin's own
/// - `constant:LABEL` (fake.h), with `score`
[[nodiscard]] CONVEYOR_EXPORT ClassifierRegistry built_in_classifiers();

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_CLASSIFIER_REGISTRY_H_
