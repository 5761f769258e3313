#include "demo_process.h"

#include <unistd.h>

#include <atomic>

#include "support/cache_folder.h"
#include "support/waiting.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{SMART_CAMERA};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

std::filesystem::path video() { return support::cache_folder() / "vtest.avi"; }

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within) {
  return conveyor::tests::eventually(condition, within);
}

Program::Program(const std::vector<std::string>& arguments) : Child(command_of(arguments)) {}

std::string Program::url() {
  const std::string line = line_with("page: ");
  return line.substr(std::min(line.size(), std::string("page: ").size()));
}

std::string Program::line_with(const std::string& text) {
  for (const auto deadline = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < deadline;) {
    const auto line = read_line(60s);
    if (!line) break;
    if (line->find(text) != line->npos) return *line;
  }
  return "";
}

std::int64_t Program::figure(const std::string& name) const {
  const std::size_t at = output().rfind("\n" + name + " ");
  return at == output().npos ? -1 : std::atoll(output().c_str() + at + 1 + name.size());
}

Demo::Demo() {
  static std::atomic<int> number{0};
  out_ = std::filesystem::temp_directory_path() /
         ("smart_camera_test." + std::to_string(getpid()) + "." + std::to_string(++number));
  std::filesystem::remove_all(out_);
}
Demo::~Demo() { std::filesystem::remove_all(out_); }

std::vector<std::string> Demo::demo(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{"demo", video(), "--out", out_};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

}  // namespace smart_camera::tests
