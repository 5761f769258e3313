#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {
namespace {

constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kMostSegments = 15;

/// Fills every `step`-th byte of `out`, `count` of them.
void unpack(std::string_view packed, unsigned char* out, std::size_t step, std::size_t count) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (done < count) {
    if (at >= packed.size()) throw DecodeError(fmt::format("its run lengths end after {} of {} bytes", done, count));
    const auto control = static_cast<signed char>(packed[at++]);
    if (control == -128) continue;
    const bool repeats = control < 0;
    const std::size_t run = static_cast<std::size_t>(repeats ? 1 - control : control + 1);
    if ((repeats ? 1 : run) > packed.size() - at) throw DecodeError("its run lengths are cut short");
    for (std::size_t i = 0; i < run && done < count; ++i, ++done) {  // encoders may pad the last run
      out[done * step] = static_cast<unsigned char>(packed[repeats ? at : at + i]);
    }
    at += repeats ? 1 : run;
  }
}

}  // namespace

void decode_rle(const Header& header, std::string_view packed, cv::Mat& into) {
  const auto bytes = static_cast<std::size_t>(header.bits_allocated / 8);
  const auto samples = static_cast<std::size_t>(header.samples);
  const std::size_t segments = bytes * samples;
  if (packed.size() < kHeaderBytes || read_number(packed, 0, 4, false) != segments || segments > kMostSegments) {
    throw DecodeError("its run lengths have no header, or not one segment for each byte of a pixel");
  }
  into.create(header.height, header.width, CV_MAKETYPE(bytes == 1 ? CV_8U : CV_16U, header.samples));
  const auto pixels = static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.height);
  for (std::size_t segment = 0; segment < segments; ++segment) {
    const std::size_t begin = read_number(packed, 4 + 4 * segment, 4, false);
    const std::size_t end = segment + 1 < segments ? read_number(packed, 8 + 4 * segment, 4, false) : packed.size();
    if (begin < kHeaderBytes || begin > end || end > packed.size()) {
      throw DecodeError("the segments of its run lengths do not follow each other");
    }
    // Sample by sample, the high byte first.
    const std::size_t sample = segment / bytes;
    const std::size_t byte = bytes - 1 - segment % bytes;
    unpack(packed.substr(begin, end - begin), into.data + sample * bytes + byte, segments, pixels);
  }
}

}  // namespace conveyor::dicom
