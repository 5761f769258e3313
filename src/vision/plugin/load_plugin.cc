#include "conveyor/vision/load_plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <map>
#include <opencv2/core/mat.hpp>
#include <utility>
#include <vector>

#include "base/thread_annotations.h"
#include "base/utf8.h"
#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/preprocess.h"
#include "vision/plugin/plugin_table.h"
#include "vision/read_file.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

/// Where a plugin writes why it failed.
class Reason {
 public:
  char* data() noexcept { return text_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return text_.size() - 1; }  // the last byte stays zero
  [[nodiscard]] std::string text() const {
    const std::string said = to_utf8(text_.data(), text_.size());
    return said.empty() ? "it did not say why" : said;
  }

 private:
  std::array<char, CONVEYOR_PLUGIN_MAX_REASON> text_{};
};

struct Library {
  const conveyor_plugin* table = nullptr;
  std::string sha256 = {};
};

/// Opens the file unless it is open already. A library is never closed: its threads, thread-local objects and unique
/// symbols may outlive every classifier.
Library open_library(const std::filesystem::path& file) {
  static Mutex mutex;
  // what was in the file when it was opened
  static std::map<void*, std::string> digest_of_open CONVEYOR_GUARDED_BY(mutex);

  const std::string digest = sha256(read_file(file, kMaxModelBytes));
  const MutexLock lock{mutex};
  void* library = dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) invalid(fmt::format("it cannot be loaded: {}", dlerror()));
  const auto [known, is_new] = digest_of_open.emplace(library, digest);
  if (known->second != digest) {
    invalid("it was changed after this process had loaded it; give the new version a file name of its own");
  }
  try {
    void* symbol = dlsym(library, "conveyor_plugin_table");
    if (symbol == nullptr) {
      invalid("it has no symbol conveyor_plugin_table; end one of its files with CONVEYOR_CLASSIFIER_PLUGIN(Class)");
    }
    const conveyor_plugin* table = reinterpret_cast<decltype(&conveyor_plugin_table)>(symbol)();
    check_plugin_table(table);
    return {table, digest};
  } catch (...) {
    if (is_new) {
      digest_of_open.erase(library);
      dlclose(library);
    }
    throw;
  }
}

/// What the plugin's load() made, shared by its classifiers.
class Loaded {
 public:
  Loaded(const conveyor_plugin& table, const std::string& options) : table_(table) {
    Reason reason;
    model_ = table_.load(options.c_str(), reason.data(), reason.size());
    if (model_ == nullptr) invalid(reason.text());
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded() { table_.unload(model_); }

  [[nodiscard]] const conveyor_plugin& table() const noexcept { return table_; }
  [[nodiscard]] const void* model() const noexcept { return model_; }

 private:
  const conveyor_plugin& table_;
  void* model_;
};

class PluginClassifier final : public Classifier {
 public:
  /// @param wants_rgb whether the chain on its card leaves R, G, B
  PluginClassifier(std::shared_ptr<const Loaded> loaded, std::string name, bool wants_rgb)
      : loaded_(std::move(loaded)), name_(std::move(name)) {
    Reason reason;
    self_ = loaded_->table().create(loaded_->model(), reason.data(), reason.size());
    if (self_ == nullptr) invalid(fmt::format("plugin {} made no classifier: {}", name_, reason.text()));
    try {
      const conveyor_input* input = loaded_->table().input(self_);
      input_ = input_of_plugin(input);
      takes_rgb_ = wants_rgb || names_channel_order(*input);
    } catch (const Error& error) {
      loaded_->table().destroy(self_);
      invalid(fmt::format("plugin {}: {}", name_, error.what()));
    }
  }
  ~PluginClassifier() override { loaded_->table().destroy(self_); }

  std::string_view name() const override { return name_; }
  InputSpec input() const override { return input_; }
  std::string refusal(const Sample& sample) const override {
    if (takes_rgb_ || !sample.rgb || sample.pixels.channels() < 3) return {};
    return "is a plugin that declares no channel order, and so takes B, G, R, but the preprocess chain leaves R, G, B: "
           "put color(bgr) at the end of the chain, or declare the order in the plugin (conveyor_input_pixels)";
  }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    views_.clear();
    for (const cv::Mat& image : images) {
      views_.push_back({sizeof(conveyor_image), image.cols, image.rows, image.channels(), image.depth(),
                        static_cast<std::size_t>(image.step), image.data});
    }
    pointers_.clear();
    for (const conveyor_image& view : views_) pointers_.push_back(&view);

    PluginAnswers answers(outcomes);
    Reason reason;
    const std::int32_t failed = loaded_->table().classify(self_, pointers_.data(), pointers_.size(), &answers.table(),
                                                          reason.data(), reason.size());
    if (!answers.broken_rule().empty()) return fail(outcomes, CONVEYOR_FAULT, answers.broken_rule());
    if (failed != 0) fail(outcomes, failed, reason.text());
  }

 private:
  /// Fails a single image. @throws Error for several images: the Session then tries each alone
  static void fail(std::span<Outcome> outcomes, std::int32_t kind, const std::string& reason) {
    if (outcomes.size() > 1) throw Error(errc::handler_failed, reason);
    Outcome& outcome = outcomes[0];
    if (kind == CONVEYOR_BAD_INPUT) return outcome.bad_input(reason);
    if (kind == CONVEYOR_RETRY) return outcome.retry(reason);
    outcome.fault(fmt::format("it threw: {}", reason));
  }

  std::shared_ptr<const Loaded> loaded_;
  std::string name_;
  void* self_ = nullptr;
  InputSpec input_;
  bool takes_rgb_ = false;
  std::vector<conveyor_image> views_;
  std::vector<const conveyor_image*> pointers_;
};

}  // namespace

std::shared_ptr<const Model> load_plugin(const std::filesystem::path& file, const std::string& options) {
  const auto failed = [&](const std::string& why) {
    return Error(errc::invalid_config, fmt::format("plugin {} cannot be used: {}", file.string(), why));
  };
  try {
    if (options.find('\0') != std::string::npos) invalid("its options contain a zero byte");
    const Library library = open_library(file);
    const auto loaded = std::make_shared<const Loaded>(*library.table, options);
    ModelCard card = card_of_plugin(library.table->card(loaded->model()));
    card.sha256 = card.sha256.empty() ? library.sha256 : sha256(library.sha256 + card.sha256);
    const std::string name = card.name;
    const std::size_t color = card.preprocess.rfind("color(");
    const bool wants_rgb = color != std::string::npos && card.preprocess.compare(color, 9, "color(rgb") == 0;
    return make_model(std::move(card), [loaded, name, wants_rgb] {
      return std::make_unique<PluginClassifier>(loaded, name, wants_rgb);
    });
  } catch (const std::exception& error) {  // plugins must not throw, and some will
    throw failed(error.what());
  } catch (...) {
    throw failed("it threw something that is not a std::exception");
  }
}

}  // namespace conveyor::vision
