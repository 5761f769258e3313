#ifndef CONVEYOR_VISION_LOAD_PLUGIN_H_
#define CONVEYOR_VISION_LOAD_PLUGIN_H_

#include <filesystem>
#include <memory>
#include <string>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

/// Loads a classifier from a shared library that was built by itself; plugin.h says how.
///
///     auto model = conveyor::vision::load_plugin("./libbrightness.so", "threshold=0.4");
///
/// The card is the plugin's own; its SHA-256 is that of the file, or, where the plugin names the digest of weights it
/// loaded, that of the two digests one after the other. What the plugin says is checked: texts that are not
/// UTF-8 or are too long, and answers about an image that it was not given, are faults. But it runs in this process:
/// one that crashes or overwrites memory takes the process down.
///
/// A library stays loaded until the process ends. A new version of it needs a file name of its own: loading a file that
/// was changed after it was loaded is an error.
///
/// Thread safety: may be called from any thread.
///
/// @param options for the plugin alone; may not contain a zero byte
/// @throws Error with errc::invalid_config naming the file and what is wrong: there is none, it is no library or no
///         plugin, it was made for another version of the plugin ABI, its card is malformed, or it says that it cannot
///         load
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> load_plugin(const std::filesystem::path& file,
                                                                       const std::string& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_LOAD_PLUGIN_H_
