#include "support/cache_folder.h"

#include <cstdlib>
#include <string>

namespace support {
namespace {

/// As a shell's ${NAME:-}: a variable that is empty counts as not set.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

std::filesystem::path cache_folder() {
  namespace fs = std::filesystem;
  if (const std::string cache = environment("CONVEYOR_CACHE"); !cache.empty()) return cache;
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return fs::path(xdg) / "conveyor";
  return fs::path(environment("HOME")) / ".cache/conveyor";
}

}  // namespace support
