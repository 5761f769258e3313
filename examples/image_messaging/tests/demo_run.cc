#include "demo_run.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/kafka_cluster/kafka_installation.h"

namespace image_messaging::tests {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> command(const std::filesystem::path& out, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{IMAGE_MESSAGING, "demo", "--out", out.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

}  // namespace

DemoRun::DemoRun(const std::vector<std::string>& arguments) : child_(command(folder_.path() / "out", arguments)) {}

std::string DemoRun::wait_for_page() {
  const std::string beginning = "the page is at ";
  const std::string line = wait_for_line(beginning);
  return line.empty() ? line : line.substr(beginning.size());
}

std::string DemoRun::wait_for_line(const std::string& beginning) {
  while (const auto line = child_.read_line(60s)) {
    if (line->starts_with(beginning)) return *line;
  }
  return {};
}

int DemoRun::wait() { return child_.wait(60s); }

int DemoRun::stop(int signal) {
  child_.signal(signal);
  return child_.wait(20s);
}

std::int64_t DemoRun::figure(const std::string& name) const {
  const std::string& report = child_.output();
  const std::size_t at = report.rfind("\n" + name + " ");
  return at == report.npos ? 0 : std::atoll(report.c_str() + at + 1 + name.size());
}

std::map<std::string, pid_t> DemoRun::processes() const {
  std::map<std::string, pid_t> result;
  std::istringstream lines(child_.output());
  for (std::string line; std::getline(lines, line);) {
    const std::string between = " is process ";
    const std::size_t at = line.find(between);
    if (at != line.npos) result[line.substr(0, at)] = std::stoi(line.substr(at + between.size()));
  }
  return result;
}

std::vector<std::string> DemoRun::log() const { return lines_of(out() / "image_messaging.jsonl"); }

std::vector<nlohmann::json> DemoRun::stored() const {
  std::vector<nlohmann::json> result;
  for (const std::string& line : lines_of(out() / "changes/index.jsonl")) result.push_back(nlohmann::json::parse(line));
  return result;
}

Photos::Photos(const std::vector<std::string>& names) {
  int number = 0;
  for (const std::string& name : names) {
    const auto photo = conveyor::tests::cache_folder() / "opencv-doc" / name;
    if (!exists(photo)) throw std::runtime_error("the photos are missing: run cmake/setup.sh tests");
    std::filesystem::copy_file(photo, folder_.path() / (std::to_string(++number) + photo.extension().string()));
  }
}

}  // namespace image_messaging::tests
