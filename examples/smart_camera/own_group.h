#ifndef SMART_CAMERA_OWN_GROUP_H_
#define SMART_CAMERA_OWN_GROUP_H_

#include <unistd.h>

#include <array>
#include <string>

namespace smart_camera {

/// A consumer group that no other process has: all of them get every message.
[[nodiscard]] inline std::string own_group(const std::string& name) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return name + "-" + host.data() + "-" + std::to_string(getpid());
}

}  // namespace smart_camera

#endif  // SMART_CAMERA_OWN_GROUP_H_
