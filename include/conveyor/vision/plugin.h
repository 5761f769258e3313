#ifndef CONVEYOR_VISION_PLUGIN_H_
#define CONVEYOR_VISION_PLUGIN_H_

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/plugin_abi.h"

/// Makes a plugin of a classifier: a shared library that a finished service loads, by conveyor::vision::load_plugin()
/// or by `plugin:./libbrightness.so` in its configuration:
///
///     class Brightness final : public conveyor::vision::Classifier { ... };
///     CONVEYOR_CLASSIFIER_PLUGIN(Brightness);
///
/// The class has a constructor without arguments, or one that takes a std::string_view of its options: what follows the
/// `?` of `plugin:./libbrightness.so?threshold=0.4`. The macro stands at the end of one source file, outside of
/// namespaces.
///
/// The library links Conveyor::plugin, which is these headers and OpenCV's core, and nothing else of Conveyor.
#define CONVEYOR_CLASSIFIER_PLUGIN(Type) CONVEYOR_MODEL_PLUGIN(&::conveyor::vision::detail::plugin_model_of<Type>)

/// The same from a function that makes the model, for those with weights to load once, a version, labels or a
/// preprocess chain:
///
///     std::shared_ptr<const conveyor::vision::Model> make(std::string_view options);
///     CONVEYOR_MODEL_PLUGIN(make);
///
/// What it throws is the reason why the plugin cannot be loaded.
#define CONVEYOR_MODEL_PLUGIN(make)                                  \
  extern "C" const conveyor_plugin* conveyor_plugin_table(void) {    \
    using Plugin = ::conveyor::vision::detail::Plugin<make>;         \
    static const conveyor_plugin table = {CONVEYOR_PLUGIN_ABI_MAJOR, \
                                          CONVEYOR_PLUGIN_ABI_MINOR, \
                                          sizeof(table),             \
                                          &Plugin::load,             \
                                          &Plugin::card,             \
                                          &Plugin::create,           \
                                          &Plugin::input,            \
                                          &Plugin::classify,         \
                                          &Plugin::destroy,          \
                                          &Plugin::unload};          \
    return &table;                                                   \
  }                                                                  \
  static_assert(true)

namespace conveyor::vision::detail {

template <class C>
std::shared_ptr<const Model> plugin_model_of(std::string_view options) {
  if constexpr (std::constructible_from<C, std::string_view>) {
    const auto make = [options = std::string(options)]() -> std::unique_ptr<Classifier> {
      return std::make_unique<C>(std::string_view(options));
    };
    return make_model({.name = std::string(make()->name())}, make);
  } else {
    if (!options.empty()) throw std::invalid_argument("it takes no options");
    return model_of<C>();
  }
}

/// Fills conveyor_plugin. Catches all exceptions: none may cross into a host that another compiler built.
template <auto make>
class Plugin {
 public:
  static void* load(const char* options, char* error, std::size_t error_size) {
    return guarded(error, error_size, [&]() -> void* { return new Loaded(make(options)); });
  }

  static const conveyor_card* card(const void* model) { return &static_cast<const Loaded*>(model)->card; }

  static void* create(const void* model, char* error, std::size_t error_size) {
    return guarded(error, error_size,
                   [&]() -> void* { return new Created(*static_cast<const Loaded*>(model)->model); });
  }

  static const conveyor_input* input(const void* classifier) {
    return &static_cast<const Created*>(classifier)->pixels.input;
  }

  static std::int32_t classify(void* classifier, const conveyor_image* const* images, std::size_t count,
                               const conveyor_answers* answers, char* error, std::size_t error_size) {
    const bool done = guarded(error, error_size, [&] {
      auto& self = *static_cast<Created*>(classifier);
      self.images.clear();
      for (std::size_t i = 0; i < count; ++i) self.images.push_back(view(*images[i]));
      self.outcomes.resize(count);
      for (Outcome& outcome : self.outcomes) outcome.reset();
      self.classifier->classify(self.images, self.outcomes);
      for (std::size_t i = 0; i < count; ++i) answer(self.outcomes[i], i, *answers);
      return true;
    });
    return done ? 0 : CONVEYOR_FAULT;
  }

  static void destroy(void* classifier) { delete static_cast<Created*>(classifier); }
  static void unload(void* model) { delete static_cast<Loaded*>(model); }

 private:
  static_assert(CV_8U == CONVEYOR_DEPTH_U8 && CV_16U == CONVEYOR_DEPTH_U16 && CV_32F == CONVEYOR_DEPTH_F32 &&
                CV_16F == CONVEYOR_DEPTH_F16);
  static_assert(static_cast<int>(ChannelOrder::kBgr) == CONVEYOR_ORDER_BGR &&
                static_cast<int>(ChannelOrder::kRgb) == CONVEYOR_ORDER_RGB);

  struct Loaded {
    explicit Loaded(std::shared_ptr<const Model> made) : model(std::move(made)) {
      if (!model) throw std::invalid_argument("it made no model");
      const ModelCard& from = model->card();
      for (const std::string& label : from.labels) labels.push_back(label.c_str());
      card = {sizeof(card),  from.name.c_str(), from.version.c_str(), from.sha256.c_str(), from.preprocess.c_str(),
              labels.data(), labels.size()};
    }
    std::shared_ptr<const Model> model;
    std::vector<const char*> labels;
    conveyor_card card = {};
  };

  struct Created {
    explicit Created(const Model& model) : classifier(model.new_classifier()) {
      if (!classifier) throw std::invalid_argument("it made no classifier");
      const InputSpec spec = classifier->input();
      pixels = {{sizeof(pixels), spec.width, spec.height, spec.channels, spec.depth, spec.max_batch},
                static_cast<std::int32_t>(spec.order),
                spec.white};
    }
    std::unique_ptr<Classifier> classifier;
    conveyor_input_pixels pixels = {};
    std::vector<cv::Mat> images;
    std::vector<Outcome> outcomes;
  };

  template <class Work>
  static auto guarded(char* error, std::size_t error_size, Work&& work) -> decltype(work()) {
    try {
      return work();
    } catch (const std::exception& thrown) {
      std::snprintf(error, error_size, "%s", thrown.what());
    } catch (...) {
      std::snprintf(error, error_size, "it threw something that is not a std::exception");
    }
    return {};
  }

  static cv::Mat view(const conveyor_image& image) {
    // OpenCV has no read-only matrix; the contract of Classifier says that nobody writes.
    return {image.height, image.width, CV_MAKETYPE(image.depth, image.channels), const_cast<void*>(image.data),
            image.stride};
  }

  static void answer(const Outcome& outcome, std::size_t image, const conveyor_answers& to) {
    const auto failed = [&](std::int32_t kind) {
      to.failed(to.context, image, kind, outcome.reason().data(), outcome.reason().size());
    };
    switch (outcome.kind()) {
      case Outcome::Kind::kUnset:
        return;  // the host says so
      case Outcome::Kind::kBadInput:
        return failed(CONVEYOR_BAD_INPUT);
      case Outcome::Kind::kRetryable:
        return failed(CONVEYOR_RETRY);
      case Outcome::Kind::kFault:
        return failed(CONVEYOR_FAULT);
      case Outcome::Kind::kPrediction:
        break;
    }
    to.nothing_found(to.context, image);
    for (const Label& label : outcome.labels()) {
      to.label(to.context, image, label.name.data(), label.name.size(), label.score, label.index);
    }
    for (const auto& [label, box] : outcome.detections()) {
      to.detection(to.context, image, label.name.data(), label.name.size(), label.score, label.index,
                   {box.x, box.y, box.width, box.height});
    }
  }
};

}  // namespace conveyor::vision::detail

#endif  // CONVEYOR_VISION_PLUGIN_H_
