#ifndef SMART_CAMERA_STORE_H_
#define SMART_CAMERA_STORE_H_

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "decisions.h"
#include "subscriber.h"

namespace smart_camera {

/// Keeps the frames on which the number of people changed: a JPEG file each, and a line of index.jsonl.
class Store final : public Subscriber {
 public:
  /// Pictures and index of an earlier run in this folder are removed. @throws std::runtime_error
  explicit Store(const std::filesystem::path& folder);

  void on_frame(const conveyor::v1::ProcessedImage& processed) override;
  [[nodiscard]] std::string summary() const override;

 private:
  std::filesystem::path folder_;
  std::ofstream index_;
  CountChange count_;
  std::int64_t stored_ = 0;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_STORE_H_
