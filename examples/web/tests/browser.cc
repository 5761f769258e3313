#include "browser.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <sstream>
#include <vector>

namespace web::tests {
namespace {

using namespace std::chrono_literals;

std::filesystem::path new_profile() {
  static std::atomic<int> number{0};
  return std::filesystem::temp_directory_path() /
         ("conveyor_browser." + std::to_string(getpid()) + "." + std::to_string(++number));
}

std::vector<std::string> command(const std::filesystem::path& profile) {
  return {"/usr/bin/chromium-headless-shell",
          "--no-sandbox",  // tests may run as root
          "--disable-gpu",
          "--hide-scrollbars",
          "--mute-audio",
          "--disable-dev-shm-usage",
          "--enable-logging=stderr",
          "--user-data-dir=" + profile.string()};
}

/// The lines by which Chromium passes on what scripts wrote to the console: errors, and what they did not catch.
std::string complaints(const std::string& log) {
  std::string result;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(":CONSOLE") != line.npos) result += line + "\n";
  }
  return result;
}

}  // namespace

Browser::Browser(const std::string& url) : profile_(new_profile()) {
  std::vector<std::string> arguments = command(profile_);
  arguments.push_back("--remote-debugging-port=0");  // without anything to do it would end at once
  arguments.push_back(url);
  process_ = std::make_unique<conveyor::Child>(arguments);
}

Browser::~Browser() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(profile_, ignored);
}

std::string Browser::kill() {
  process_->signal(SIGKILL);
  process_->wait(10s);
  return complaints(process_->errors());
}

Screenshot screenshot(const std::string& url, const std::filesystem::path& file, std::chrono::milliseconds after,
                      int width, int height) {
  const std::filesystem::path profile = new_profile();
  std::vector<std::string> arguments = command(profile);
  arguments.push_back("--screenshot=" + file.string());
  arguments.push_back("--window-size=" + std::to_string(width) + "," + std::to_string(height));
  arguments.push_back("--timeout=" + std::to_string(after.count()));
  arguments.push_back(url);
  conveyor::Child process(arguments);
  const bool ended = process.wait(after + 30s) == 0;
  std::error_code ignored;
  std::filesystem::remove_all(profile, ignored);
  return {.taken = ended && std::filesystem::exists(file), .complaints = complaints(process.errors())};
}

}  // namespace web::tests
