#include "demo_report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <map>

namespace smart_camera {
namespace {

// The compiler checks the arguments against the format.
[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::va_list again;
  va_copy(again, arguments);
  std::string result(static_cast<std::size_t>(std::vsnprintf(nullptr, 0, format, arguments)), '\0');
  std::vsnprintf(result.data(), result.size() + 1, format, again);
  va_end(again);
  va_end(arguments);
  return result;
}

double frames_a_second(const CameraReport& report) {
  const double seconds = std::chrono::duration<double>(report.busy).count();
  return seconds > 0 ? static_cast<double>(report.processed) / seconds : 0;
}

std::int64_t sum(const std::vector<CameraReport>& cameras, std::int64_t CameraReport::*figure) {
  std::int64_t all = 0;
  for (const CameraReport& camera : cameras) all += camera.*figure;
  return all;
}

double frames_a_second(const std::vector<CameraReport>& cameras) {
  double all = 0;
  for (const CameraReport& camera : cameras) all += frames_a_second(camera);
  return all;
}

std::string camera_lines(const CameraReport& camera) {
  std::string lines = text("%-17s %" PRId64 " sent, %" PRId64 " processed, %" PRId64 " dropped; %.1f frames/s\n",
                           camera.name.c_str(), camera.sent, camera.processed, camera.dropped, frames_a_second(camera));
  lines += text("  latency         p50 %.0f ms, p99 %.0f ms, from capture to processed\n",
                camera.latency.quantile_ms(0.5), camera.latency.quantile_ms(0.99));
  lines += text("  of it           waiting for a detector %.0f ms, detecting %.0f ms (medians)\n",
                camera.wait.quantile_ms(0.5), camera.inference.quantile_ms(0.5));
  if (camera.reconnects > 0) lines += text("  came back       %" PRId64 " times\n", camera.reconnects);
  if (camera.away) lines += text("  away            %s\n", camera.why.c_str());
  return lines;
}

}  // namespace

std::string progress_line(double seconds, const std::vector<CameraReport>& cameras) {
  std::string line =
      text("%5.1f s  sent %4" PRId64 "  processed %4" PRId64 "  dropped %3" PRId64 "  people found %5" PRId64
           "  %5.1f frames/s",
           seconds, sum(cameras, &CameraReport::sent), sum(cameras, &CameraReport::processed),
           sum(cameras, &CameraReport::dropped), sum(cameras, &CameraReport::people), frames_a_second(cameras));
  for (const CameraReport& camera : cameras) {
    if (camera.away) line += "  " + camera.name + " is away";
  }
  return line;
}

std::string report_text(const std::vector<CameraReport>& cameras, const PageReport& page,
                        const std::vector<SubscriberReport>& subscribers) {
  const bool whole = std::all_of(cameras.begin(), cameras.end(),
                                 [](const auto& each) { return each.missing.empty() && each.lost == 0; });
  std::string lines = text("\nframes sent       %" PRId64 "\n", sum(cameras, &CameraReport::sent));
  lines += text("frames processed  %" PRId64 "%s\n", sum(cameras, &CameraReport::processed),
                whole ? ", every one of them by its number" : "");
  const auto if_any = [&](const char* name, std::int64_t count, const char* why) {
    if (count > 0) lines += text("%-17s %" PRId64 "%s\n", name, count, why);
  };
  if_any("delivered again", sum(cameras, &CameraReport::repeated), "");
  if_any("frames dropped", sum(cameras, &CameraReport::dropped), " before they were sent, to stay live");
  if_any("frames lost", sum(cameras, &CameraReport::lost), "");
  lines += text("on the page       %" PRId64 " shown, %" PRId64 " dropped", page.shown, page.dropped);
  if (page.latency.count() > 0) {
    lines += text("; p50 %.0f ms, p99 %.0f ms, from capture to the browser", page.latency.quantile_ms(0.5),
                  page.latency.quantile_ms(0.99));
  }
  lines += text("\npeople found      %" PRId64 "\n", sum(cameras, &CameraReport::people));
  lines += text("throughput        %.1f frames/s\n", frames_a_second(cameras));
  for (const CameraReport& camera : cameras) lines += camera_lines(camera);
  std::map<std::string, std::int64_t> detectors;
  for (const CameraReport& camera : cameras) {
    for (const auto& [name, frames] : camera.by_detector) detectors[name] += frames;
  }
  for (const auto& [name, frames] : detectors) lines += text("%-17s %" PRId64 " frames\n", name.c_str(), frames);
  for (const SubscriberReport& each : subscribers) {
    lines += text("%-17s %s\n", each.name.c_str(), each.summary.c_str());
  }
  return lines;
}

std::vector<std::string> problems(const std::vector<CameraReport>& cameras, const PageReport& page,
                                  const std::vector<SubscriberReport>& subscribers, bool stopped) {
  std::vector<std::string> all;
  for (const CameraReport& camera : cameras) {
    const char* name = camera.name.c_str();
    if (camera.sent == 0 && !stopped) all.push_back(text("%s: the video has no frames", name));
    if (!camera.missing.empty()) {
      all.push_back(text("%s: %zu frames were not processed, the first is %" PRId64, name, camera.missing.size(),
                         camera.missing.front()));
    }
    if (camera.lost > 0) all.push_back(text("%s: %" PRId64 " frames never came back", name, camera.lost));
    if (!camera.live && camera.undecoded + camera.cut_off > 0) {
      all.push_back(text("%s: of the video %" PRId64 " frames could not be decoded, and %" PRId64
                         " that it declares are missing at its end",
                         name, camera.undecoded, camera.cut_off));
    }
  }
  const std::int64_t sent = sum(cameras, &CameraReport::sent);
  for (const SubscriberReport& each : subscribers) {
    if (each.failed) all.push_back(each.name + " failed; what it said is above");
    if (each.seen < sent) {
      all.push_back(text("%s saw %" PRId64 " of %" PRId64 " frames", each.name.c_str(), each.seen, sent));
    }
  }
  if (page.frames != page.shown + page.dropped + page.waiting) {
    all.push_back(text("the page lost count: of %" PRId64 " frames %" PRId64 " were shown and %" PRId64 " dropped",
                       page.frames, page.shown, page.dropped));
  }
  return all;
}

}  // namespace smart_camera
