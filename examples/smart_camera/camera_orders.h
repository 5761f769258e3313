#ifndef SMART_CAMERA_CAMERA_ORDERS_H_
#define SMART_CAMERA_CAMERA_ORDERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "by_camera.h"
#include "support/frame_order.h"

namespace smart_camera {

/// Puts the frames of several cameras, which come mixed, into order: those of each camera for themselves.
///
/// Thread safety: as a standard container.
template <class Frame>
class CameraOrders {
 public:
  /// @param patience of support::FrameOrder, of each camera
  explicit CameraOrders(std::size_t patience, std::size_t most_cameras = 64)
      : cameras_([patience] { return Order(patience); }, most_cameras) {}

  /// @param camera as it is called
  /// @param source the camera and its run: when another run begins, those that still waited are given first
  /// @param give is called with each frame whose turn it is
  template <class Give>
  void add(const std::string& camera, const std::string& source, std::int64_t number, Frame frame, Give give) {
    Order& order = cameras_[camera];
    if (order.source != source) {
      if (order.source_before == source) return;  // a late copy
      rest_of(order, give);
      order.source_before = std::exchange(order.source, source);
      order.frames = support::FrameOrder<Frame>(order.patience);
    }
    order.frames.add(number, std::move(frame));
    while (std::optional<Frame> next = order.frames.take()) give(*std::move(next));
  }

  /// Gives what still waits: no more will come.
  template <class Give>
  void finish(Give give) {
    cameras_.for_each([&](const std::string&, Order& order) { rest_of(order, give); });
  }

 private:
  struct Order {
    explicit Order(std::size_t most_waiting) : patience(most_waiting), frames(most_waiting) {}
    std::size_t patience;
    std::string source = {};
    std::string source_before = {};
    support::FrameOrder<Frame> frames;
  };

  template <class Give>
  static void rest_of(Order& order, Give& give) {
    while (std::optional<Frame> next = order.frames.take_rest()) give(*std::move(next));
  }

  ByCamera<Order> cameras_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_CAMERA_ORDERS_H_
