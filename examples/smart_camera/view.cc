#include "view.h"

#include <algorithm>
#include <cstdio>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <utility>

#include "conveyor/error.h"
#include "drawing.h"

namespace smart_camera {

Recording::Recording(const std::filesystem::path& folder, double frames_a_second)
    : video_file_(folder / "annotated.avi"), sheet_file_(folder / "sheet.png"), frames_a_second_(frames_a_second) {
  std::filesystem::create_directories(folder);
}

void Recording::add(const conveyor::v1::ProcessedImage& processed) {
  cv::Mat picture = annotated(processed);
  if (frames_++ == 0) {
    size_ = picture.size();
    // Motion JPEG in AVI is the one format that every OpenCV writes by itself.
    video_.open(video_file_.string(), cv::CAP_OPENCV_MJPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'),
                frames_a_second_, size_);
    if (!video_.isOpened()) throw std::runtime_error("cannot write " + video_file_.string());
  }
  if (picture.size() != size_) cv::resize(picture, picture, size_);
  video_.write(picture);
  if (tiles_.wanted()) tiles_.add(picture);
}

std::vector<cv::Mat> Recording::shown() const {
  const std::vector<cv::Mat>& kept = tiles_.kept();
  const std::size_t count = std::min<std::size_t>(kept.size(), kColumns * kRows);
  std::vector<cv::Mat> pictures;
  for (std::size_t i = 0; i < count; ++i) pictures.push_back(kept[i * kept.size() / count]);
  return pictures;
}

void Recording::finish() {
  video_.release();
  if (tiles_.kept().empty()) return;
  const cv::Mat sheet = contact_sheet(shown(), kColumns);
  constexpr int kWidth = 1600;  // fits a screen
  cv::Mat small;
  cv::resize(sheet, small, {kWidth, sheet.rows * kWidth / sheet.cols}, 0, 0, cv::INTER_AREA);
  if (!cv::imwrite(sheet_file_.string(), small)) throw std::runtime_error("cannot write " + sheet_file_.string());
}

std::string Recording::summary() const {
  if (frames_ == 0) return "nothing to show";
  if (!std::filesystem::exists(sheet_file_)) return "not written: " + sheet_file_.string();
  return sheet_file_.string() + " (" + std::to_string(shown().size()) + " frames), " + video_file_.string() + " (" +
         std::to_string(frames_) + ")";
}

View::View(std::filesystem::path folder, double frames_a_second)
    : folder_(std::move(folder)), frames_a_second_(frames_a_second) {}

void View::on_frame(const std::string& camera, const conveyor::v1::ProcessedImage& processed) {
  constexpr std::size_t kMostCameras = 64;  // names come from messages
  auto found = cameras_.find(camera);
  if (found == cameras_.end()) {
    if (cameras_.size() >= kMostCameras) return;
    found = cameras_.try_emplace(camera, folder_ / camera, frames_a_second_).first;
  }
  try {
    found->second.add(processed);
  } catch (const conveyor::Error& error) {
    // Not a picture: anybody may write to the topic. It ends no recording.
    std::fprintf(stderr, "smart_camera: view: frame %lld of %s is left out: %s\n",
                 static_cast<long long>(processed.image().frame()), camera.c_str(), error.what());
    ++left_out_;
  }
}

void View::finish() {
  for (auto& [camera, recording] : cameras_) recording.finish();
}

std::string View::summary() const {
  std::string text;
  for (const auto& [camera, recording] : cameras_) text += (text.empty() ? "" : "; ") + recording.summary();
  if (left_out_ > 0) text += "; " + std::to_string(left_out_) + " frames left out, which were no pictures";
  return text.empty() ? "nothing to show" : text;
}

}  // namespace smart_camera
