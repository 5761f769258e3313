#include "log.h"

#include <stdexcept>
#include <utility>

#include "support/json_log.h"

namespace image_messaging {

LogFile::LogFile(const std::filesystem::path& file) {
  if (file.empty()) return;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  // Each line is one write at the end of the file, so that those of several processes do not mix.
  std::FILE* const opened = std::fopen(file.c_str(), "ae");
  if (opened == nullptr) throw std::runtime_error("cannot write the log " + file.string() + "; see --log");
  file_ = std::shared_ptr<std::FILE>(opened, std::fclose);
  constexpr std::size_t kLongestLine = std::size_t{256} << 10;
  std::setvbuf(opened, nullptr, _IOFBF, kLongestLine);
}

support::ConfigFor LogFile::of_part(support::ConfigFor config_for, const std::string& part) const {
  const std::string chosen = conveyor::Config::from_env().service;
  const std::string service = chosen == conveyor::Config().service ? part : chosen;
  // The file stays open as long as somebody may log to it.
  const std::shared_ptr<conveyor::Observer> log = support::json_log(service, out());
  const std::shared_ptr<conveyor::Observer> observer(log.get(), [log, file = file_](conveyor::Observer*) {});
  return [config_for = std::move(config_for), service, observer](std::string_view group) {
    conveyor::Config config = config_for(group);
    config.service = service;
    config.observer = observer;
    return config;
  };
}

void log(const support::ConfigFor& config_for, conveyor::Severity severity, const std::string& text) {
  config_for("").observer->on_log({.severity = severity, .source = "image_messaging", .text = text});
}

}  // namespace image_messaging
