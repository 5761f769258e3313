#ifndef CONVEYOR_SRC_VISION_SERVE_SERVING_HANDLER_H_
#define CONVEYOR_SRC_VISION_SERVE_SERVING_HANDLER_H_

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "conveyor/batch.h"
#include "conveyor/channel.h"
#include "conveyor/context.h"
#include "conveyor/message.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/serve_options.h"
#include "conveyor/vision/served_model.h"
#include "vision/serve/freshness.h"
#include "vision/serve/serving_thread.h"

namespace conveyor::vision {

/// The handler of one worker thread. `make` turns a message and its prediction into the Out that is sent.
template <class Out, class Make>
class ServingHandler {
 public:
  ServingHandler(std::shared_ptr<ServedModel> served, Channel<Out> output, Make make)
      : thread_(std::move(served)), output_(std::move(output)), make_(std::move(make)) {}

  /// Throws the failure of an image, once: the worker decides between another attempt and a dead letter.
  /// @throws Failure::as_exception(), or what sending throws
  void operator()(const Message<v1::Image>& message, Context& context) {
    messages_.assign({&message});
    Predictor::Result& result = thread_.predict(messages_)[0];
    if (result.failure) std::rethrow_exception(result.failure->as_exception());
    thread_.send([&] { context.send(output_, make_(message, result.prediction)); });
  }

  /// Fails each image by itself, also where only its prediction cannot be sent; its neighbours go on.
  void operator()(std::span<BatchItem<v1::Image>> items) {
    messages_.clear();
    chosen_.clear();
    const std::vector<bool> wanted = choose(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (wanted[i]) {
        messages_.push_back(&items[i].message());
        chosen_.push_back(&items[i]);
      } else {
        thread_.pass_over();
      }
    }
    const auto results = thread_.predict(messages_);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      Predictor::Result& result = results[i];
      if (result.failure) {
        chosen_[i]->fail(result.failure->as_exception());
        continue;
      }
      try {
        thread_.send([&] { chosen_[i]->context().send(output_, make_(*messages_[i], result.prediction)); });
      } catch (...) {
        chosen_[i]->fail(std::current_exception());
      }
    }
  }

 private:
  [[nodiscard]] std::vector<bool> choose(std::span<const BatchItem<v1::Image>> items) const {
    if (!thread_.options().freshness) return std::vector<bool>(items.size(), true);
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::vector<Frame> frames;
    for (const auto& item : items) {
      const Message<v1::Image>& message = item.message();
      const std::chrono::microseconds captured{message.value().capture_time_us()};
      frames.push_back({.topic = message.topic(),
                        .partition = message.partition(),
                        .source = message.value().source(),
                        .age = captured.count() > 0 ? now - captured : std::chrono::microseconds(0)});
    }
    return worthwhile(frames, thread_.options().freshness->max_age);
  }

  ServingThread thread_;
  Channel<Out> output_;
  Make make_;
  std::vector<const Message<v1::Image>*> messages_;
  std::vector<BatchItem<v1::Image>*> chosen_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SERVE_SERVING_HANDLER_H_
