// Does what its options ask for, mostly what it must not. Images decide too: one whose first pixel is 200 makes it
// throw.
#include <conveyor/vision/plugin.h>

#include <cmath>
#include <stdexcept>
#include <string>

namespace {

namespace vision = conveyor::vision;

class Odd final : public vision::Classifier {
 public:
  explicit Odd(std::string_view behaviour) : behaviour_(behaviour) {}
  std::string_view name() const override { return "odd"; }
  vision::InputSpec input() const override {
    if (behaviour_ != "rgb") return {};
    return {.channels = 3, .order = vision::ChannelOrder::kRgb, .white = 1};
  }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (behaviour_ == "rgb") {
        outcomes[i].add_label("red", images[i].depth() == CV_32F ? static_cast<double>(*images[i].ptr<float>()) : -1,
                              0);
      } else {
        answer(*images[i].data, outcomes[i]);
      }
    }
  }

 private:
  void answer(int value, Outcome& outcome) {
    if (behaviour_ == "throw" || value == 200) throw std::runtime_error("cannot bear this image");
    if (behaviour_ == "throw a number") throw 7;
    if (behaviour_ == "unset") return;
    if (behaviour_ == "nan") return outcome.add_label("nan", std::nan(""));
    if (behaviour_ == "not utf-8") return outcome.add_label("\xC3\x28", 1);
    if (behaviour_ == "long") return outcome.add_label(std::string(CONVEYOR_PLUGIN_MAX_TEXT + 1, 'x'), 1);
    if (value == 201) return outcome.bad_input("too dark");
    if (value == 202) return outcome.retry("later");
    if (value == 203) return outcome.nothing_found();
    outcome.add_label("seen", value / 255.0, 0);
    outcome.add_detection("egg", 0.5, {1, 2, 3, 4}, 1);
  }

  std::string behaviour_;
};

std::shared_ptr<const vision::Model> make(std::string_view options) {
  if (options == "throw on load") throw std::runtime_error("no weights here");
  if (options == "throw a number on load") throw 7;
  if (options == "no model") return nullptr;
  const auto classifier = [behaviour = std::string(options)]() -> std::unique_ptr<vision::Classifier> {
    if (behaviour == "throw on create") throw std::runtime_error("no memory for another");
    if (behaviour == "no classifier") return nullptr;
    return std::make_unique<Odd>(behaviour);
  };
  return vision::make_model({.name = options == "no name" ? "" : "odd",
                             .version = "7",
                             .sha256 = options == "weights" ? std::string(64, 'a') : "",
                             .preprocess = "color(gray)",
                             .labels = {"seen", "egg"}},
                            classifier);
}

}  // namespace

CONVEYOR_MODEL_PLUGIN(make);
