#ifndef SMART_CAMERA_STORE_H_
#define SMART_CAMERA_STORE_H_

#include <cstdint>
#include <string>

#include "by_camera.h"
#include "decisions.h"
#include "subscriber.h"
#include "support/picture_store.h"

namespace smart_camera {

/// Stores the frames on which the number of people before a camera changed, and stayed for some frames.
class Store final : public Subscriber {
 public:
  /// @param steady_frames of SteadyCount
  Store(support::PictureStore& pictures, int steady_frames);

  /// @throws std::runtime_error when the picture cannot be written
  void on_frame(const std::string& camera, const conveyor::v1::ProcessedImage& processed) override;
  [[nodiscard]] std::string summary() const override;

 private:
  support::PictureStore& pictures_;
  ByCamera<SteadyCount> counts_;
  std::int64_t stored_ = 0;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_STORE_H_
