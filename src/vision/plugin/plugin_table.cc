#include "vision/plugin/plugin_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/utf8.h"
#include "conveyor/error.h"

namespace conveyor::vision {
namespace {

// The sizes of the structs in version 1.0. A larger struct has members that this host does not know.
constexpr std::size_t kTableSize = offsetof(conveyor_plugin, unload) + sizeof(conveyor_plugin::unload);
constexpr std::size_t kCardSize = offsetof(conveyor_card, label_count) + sizeof(conveyor_card::label_count);
constexpr std::size_t kInputSize = offsetof(conveyor_input, max_batch) + sizeof(conveyor_input::max_batch);

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

void check_size(const char* what, std::size_t size, std::size_t needed) {
  if (size < needed) invalid(fmt::format("its {} has {} bytes; ABI 1.0 has {}", what, size, needed));
}

/// A text of the card; reads no further than the limit for its length.
std::string text_of(const char* what, const char* text, std::size_t longest = CONVEYOR_PLUGIN_MAX_TEXT) {
  if (text == nullptr) return {};
  const std::string_view bytes(text, strnlen(text, longest + 1));
  if (bytes.size() > longest) invalid(fmt::format("its card's {} has more than {} bytes", what, longest));
  if (!is_utf8(bytes)) invalid(fmt::format("its card's {} is not UTF-8: {}", what, to_utf8(bytes, 40)));
  return std::string(bytes);
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void check_plugin_table(const conveyor_plugin* table) {
  if (table == nullptr) invalid("its conveyor_plugin_table() gives no table");
  if (table->abi_major != CONVEYOR_PLUGIN_ABI_MAJOR) {
    invalid(
        fmt::format("it was built for version {}.{} of the plugin ABI; this Conveyor has {}.{}: build it again "
                    "with the headers of this Conveyor",
                    table->abi_major, table->abi_minor, CONVEYOR_PLUGIN_ABI_MAJOR, CONVEYOR_PLUGIN_ABI_MINOR));
  }
  check_size("table", table->struct_size, kTableSize);
  const auto need = [](bool there, const char* name) {
    if (!there) invalid(fmt::format("its table has no function {}", name));
  };
  need(table->load != nullptr, "load");
  need(table->card != nullptr, "card");
  need(table->create != nullptr, "create");
  need(table->input != nullptr, "input");
  need(table->classify != nullptr, "classify");
  need(table->destroy != nullptr, "destroy");
  need(table->unload != nullptr, "unload");
}

ModelCard card_of_plugin(const conveyor_card* card) {
  if (card == nullptr) invalid("it has no card");
  check_size("card", card->struct_size, kCardSize);
  ModelCard made{.name = text_of("name", card->name),
                 .version = text_of("version", card->version),
                 .sha256 = text_of("sha256", card->sha256),
                 .preprocess = text_of("preprocess", card->preprocess, CONVEYOR_PLUGIN_MAX_PREPROCESS)};
  if (made.name.empty()) invalid("its card has no name");
  if (!made.sha256.empty() && !is_sha256(made.sha256)) {
    invalid(fmt::format("its card's sha256 is \"{}\", not 64 lower-case hex digits", made.sha256));
  }
  if (card->label_count > CONVEYOR_PLUGIN_MAX_LABELS || (card->label_count > 0 && card->labels == nullptr)) {
    invalid(fmt::format("its card has {} labels{}; {} are the most", card->label_count,
                        card->labels == nullptr ? " and no list of them" : "", CONVEYOR_PLUGIN_MAX_LABELS));
  }
  for (std::size_t i = 0; i < card->label_count; ++i) made.labels.push_back(text_of("label", card->labels[i]));
  return made;
}

InputSpec input_of_plugin(const conveyor_input* input) {
  if (input == nullptr) invalid("its classifier declares no input");
  check_size("input", input->struct_size, kInputSize);
  InputSpec spec{.width = input->width,
                 .height = input->height,
                 .channels = input->channels,
                 .depth = input->depth,
                 .max_batch = input->max_batch};
  if (names_channel_order(*input)) {
    const auto& pixels = *reinterpret_cast<const conveyor_input_pixels*>(input);
    if (pixels.order < CONVEYOR_ORDER_ANY || pixels.order > CONVEYOR_ORDER_RGB) {
      invalid(fmt::format("its classifier declares a channel order that is not known, {}", pixels.order));
    }
    spec.order = static_cast<ChannelOrder>(pixels.order);
    spec.white = pixels.white;
  }
  return spec;
}

bool names_channel_order(const conveyor_input& input) {
  return input.struct_size >= offsetof(conveyor_input_pixels, white) + sizeof(conveyor_input_pixels::white);
}

PluginAnswers::PluginAnswers(std::span<Outcome> outcomes) : outcomes_(outcomes), table_{} {
  table_.struct_size = sizeof(table_);
  table_.context = this;
  table_.label = [](void* context, std::size_t image, const char* name, std::size_t size, double score,
                    std::int32_t index) {
    static_cast<PluginAnswers*>(context)->add_named(
        image, name, size, [&](Outcome& outcome, std::string_view text) { outcome.add_label(text, score, index); });
  };
  table_.detection = [](void* context, std::size_t image, const char* name, std::size_t size, double score,
                        std::int32_t index, conveyor_box box) {
    static_cast<PluginAnswers*>(context)->add_named(image, name, size, [&](Outcome& outcome, std::string_view text) {
      outcome.add_detection(text, score, {box.x, box.y, box.width, box.height}, index);
    });
  };
  table_.nothing_found = [](void* context, std::size_t image) {
    static_cast<PluginAnswers*>(context)->add(image, [](Outcome& outcome) { outcome.nothing_found(); });
  };
  table_.failed = [](void* context, std::size_t image, std::int32_t kind, const char* reason, std::size_t size) {
    static_cast<PluginAnswers*>(context)->fail(image, kind,
                                               reason == nullptr ? std::string_view() : std::string_view(reason, size));
  };
}

// The caller is the plugin, which may be C: std::bad_alloc must not pass through it.
template <class Add>
void PluginAnswers::add(std::size_t image, Add add) noexcept {
  try {
    if (image < outcomes_.size()) return add(outcomes_[image]);
    broken_rule_ = fmt::format("it answered about image {} of {}, counted from 0", image, outcomes_.size());
  } catch (const std::exception& error) {
    broken_rule_.assign("no memory");  // short enough to need no allocation
  }
}

template <class Add>
void PluginAnswers::add_named(std::size_t image, const char* name, std::size_t size, Add add_to) noexcept {
  add(image, [&](Outcome& outcome) {
    if (name == nullptr && size > 0) return outcome.fault("it gave a label without a name");
    if (size > CONVEYOR_PLUGIN_MAX_TEXT) {
      return outcome.fault(fmt::format("it gave a label of {} bytes; {} are the most", size, CONVEYOR_PLUGIN_MAX_TEXT));
    }
    if (outcome.labels().size() + outcome.detections().size() >= CONVEYOR_PLUGIN_MAX_LABELS) {
      return outcome.fault(fmt::format("it gave more than {} answers about one image", CONVEYOR_PLUGIN_MAX_LABELS));
    }
    add_to(outcome, std::string_view(name == nullptr ? "" : name, size));
  });
}

void PluginAnswers::fail(std::size_t image, std::int32_t kind, std::string_view reason) noexcept {
  add(image, [&](Outcome& outcome) {
    std::string text = to_utf8(reason, CONVEYOR_PLUGIN_MAX_REASON);
    switch (kind) {
      case CONVEYOR_BAD_INPUT:
        return outcome.bad_input(std::move(text));
      case CONVEYOR_RETRY:
        return outcome.retry(std::move(text));
      case CONVEYOR_FAULT:
        return outcome.fault(std::move(text));
      default:
        return outcome.fault(fmt::format("it failed in a way that is not known, {}: {}", kind, text));
    }
  });
}

}  // namespace conveyor::vision
