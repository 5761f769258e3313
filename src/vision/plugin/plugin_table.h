#ifndef CONVEYOR_SRC_VISION_PLUGIN_PLUGIN_TABLE_H_
#define CONVEYOR_SRC_VISION_PLUGIN_PLUGIN_TABLE_H_

#include <span>
#include <string>
#include <string_view>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/plugin_abi.h"

// Checks what a plugin says before anything else sees it. Nothing here loads a library, so that tests can try tables,
// cards and answers of any kind.

namespace conveyor::vision {

/// @throws Error with errc::invalid_config when there is no table, it is of another ABI, or lacks a function
void check_plugin_table(const conveyor_plugin* table);

/// @param card texts are read up to the limits of plugin_abi.h
/// @throws Error with errc::invalid_config when there is no card, it has no name, or one of its texts is malformed
[[nodiscard]] ModelCard card_of_plugin(const conveyor_card* card);

/// @throws Error with errc::invalid_config when it is null or too small; the Session checks the numbers
[[nodiscard]] InputSpec input_of_plugin(const conveyor_input* input);

/// Whether `input` is the first member of a conveyor_input_pixels, which says the order of the channels.
[[nodiscard]] bool names_channel_order(const conveyor_input& input);

/// Writes a plugin's answers about a batch into its outcomes. An answer that breaks the rules makes its outcome a
/// fault; one about an image outside the batch fails the batch.
///
/// Thread safety: one thread at a time; the functions of table() do not throw.
class PluginAnswers {
 public:
  explicit PluginAnswers(std::span<Outcome> outcomes);
  PluginAnswers(const PluginAnswers&) = delete;
  PluginAnswers& operator=(const PluginAnswers&) = delete;

  /// The callbacks that the plugin is given; their context is this object.
  [[nodiscard]] const conveyor_answers& table() const noexcept { return table_; }
  /// Which rule the plugin broke with no image to blame; empty: none.
  [[nodiscard]] const std::string& broken_rule() const noexcept { return broken_rule_; }

 private:
  template <class Add>
  void add(std::size_t image, Add add) noexcept;
  template <class Add>
  void add_named(std::size_t image, const char* name, std::size_t size, Add add) noexcept;
  void fail(std::size_t image, std::int32_t kind, std::string_view reason) noexcept;

  std::span<Outcome> outcomes_;
  conveyor_answers table_;
  std::string broken_rule_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_PLUGIN_PLUGIN_TABLE_H_
