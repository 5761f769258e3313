#ifndef SMART_CAMERA_BY_CAMERA_H_
#define SMART_CAMERA_BY_CAMERA_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace smart_camera {

/// Something for each camera. Names come from messages: of more than `most` the one that was longest not asked for
/// goes.
///
/// Thread safety: as a standard container.
template <class T>
class ByCamera {
 public:
  /// @param make what a new camera gets
  explicit ByCamera(
      std::function<T()> make = [] { return T(); }, std::size_t most = 64)
      : make_(std::move(make)), most_(most) {}

  /// The camera's; it lives until the next call.
  T& operator[](std::string_view camera) {
    auto found = all_.find(camera);
    if (found == all_.end()) {
      if (all_.size() >= most_) all_.erase(longest_unused());
      found = all_.emplace(std::string(camera), Entry{make_(), 0}).first;
    }
    found->second.used = ++clock_;
    return found->second.value;
  }

  template <class Do>
  void for_each(Do call) {
    for (auto& [camera, entry] : all_) call(camera, entry.value);
  }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

 private:
  struct Entry {
    T value;
    std::uint64_t used;
  };
  using Map = std::map<std::string, Entry, std::less<>>;

  typename Map::iterator longest_unused() {
    auto oldest = all_.begin();
    for (auto each = all_.begin(); each != all_.end(); ++each) {
      if (each->second.used < oldest->second.used) oldest = each;
    }
    return oldest;
  }

  std::function<T()> make_;
  std::size_t most_;
  std::uint64_t clock_ = 0;
  Map all_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_BY_CAMERA_H_
