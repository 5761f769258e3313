#include "store.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace smart_camera {
namespace {

std::string boxes_as_json(const conveyor::v1::Prediction& prediction) {
  std::string json = "[";
  for (const auto& detection : prediction.detections()) {
    const auto& box = detection.box();
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), R"(%s{"score":%.3f,"box":[%.1f,%.1f,%.1f,%.1f]})",
                  json.size() > 1 ? "," : "", static_cast<double>(detection.score()), static_cast<double>(box.x()),
                  static_cast<double>(box.y()), static_cast<double>(box.width()), static_cast<double>(box.height()));
    json += text.data();
  }
  return json + "]";
}

}  // namespace

Store::Store(const std::filesystem::path& folder) : folder_(folder) {
  std::filesystem::create_directories(folder);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    if (name.starts_with("frame-") && name.ends_with(".jpg")) std::filesystem::remove(file);
  }
  index_.open(folder / "index.jsonl", std::ios::trunc);
  if (!index_) throw std::runtime_error("cannot write " + (folder / "index.jsonl").string());
}

void Store::on_frame(const conveyor::v1::ProcessedImage& processed) {
  const int people = people_in(processed);
  if (!count_.changed(people)) return;
  const std::string name = picture_name(processed.image().frame());
  // The picture is stored as the camera encoded it.
  std::ofstream picture(folder_ / name, std::ios::binary);
  picture << processed.image().image_data();
  index_ << R"({"frame":)" << processed.image().frame() << R"(,"captured_us":)" << processed.image().capture_time_us()
         << R"(,"people":)" << people << R"(,"before":)" << count_.before() << R"(,"file":")" << name << R"(","found":)"
         << boxes_as_json(processed.prediction()) << "}\n"
         << std::flush;
  if (!picture.flush() || !index_) throw std::runtime_error("cannot write to " + folder_.string());
  ++stored_;
}

std::string Store::summary() const {
  return folder_.string() + "/ (" + std::to_string(stored_) + " frames, index.jsonl)";
}

}  // namespace smart_camera
