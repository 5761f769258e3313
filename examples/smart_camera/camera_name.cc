#include "camera_name.h"

#include <algorithm>
#include <set>

#include "conveyor/error.h"

namespace smart_camera {
namespace {

constexpr std::size_t kLongest = 40;

bool legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

[[noreturn]] void refuse(const std::string& why) { throw conveyor::Error(conveyor::errc::invalid_config, why); }

}  // namespace

bool legal_camera_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongest && name[0] != '.' && std::all_of(name.begin(), name.end(), legal);
}

std::vector<NamedSource> name_cameras(const std::vector<std::string>& sources, const std::vector<std::string>& named) {
  std::vector<NamedSource> cameras;
  for (const std::string& source : sources) {
    cameras.push_back({"camera-" + std::to_string(cameras.size() + 1), source});
  }
  for (const std::string& text : named) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals + 1 == text.size()) refuse("--camera " + text + ": it must be NAME=SOURCE");
    NamedSource camera{text.substr(0, equals), text.substr(equals + 1)};
    if (!legal_camera_name(camera.name)) {
      refuse("--camera " + text + ": a name has up to 40 letters, digits, '.', '_' and '-'");
    }
    cameras.push_back(std::move(camera));
  }
  if (cameras.empty()) refuse("no camera: name a video, or one with --camera NAME=SOURCE");
  std::set<std::string> names;
  for (const NamedSource& camera : cameras) {
    if (!names.insert(camera.name).second) refuse("--camera " + camera.name + "=...: that name is taken");
  }
  return cameras;
}

std::string source_of(std::string_view camera, unsigned run) { return std::string(camera) + "#" + std::to_string(run); }

std::string camera_of(std::string_view source) {
  std::string name(source.substr(0, source.rfind('#')).substr(0, kLongest));
  if (name.empty()) return "unnamed";
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !legal(c); }, '_');
  if (name[0] == '.') name[0] = '_';
  return name;
}

}  // namespace smart_camera
