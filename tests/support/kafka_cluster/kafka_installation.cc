#include "support/kafka_cluster/kafka_installation.h"

#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace conveyor::tests {

namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path find_java() {
  if (const std::string home = environment("JAVA_HOME"); !home.empty()) {
    if (fs::exists(fs::path(home) / "bin/java")) return fs::path(home) / "bin/java";
  }
  std::istringstream folders(environment("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path java = fs::path(folder) / "java";
    if (access(java.c_str(), X_OK) == 0) return fs::canonical(java);
  }
  throw std::runtime_error("Apache Kafka needs Java, and there is none in PATH: run cmake/setup.sh kafka");
}

}  // namespace

std::filesystem::path cache_folder() {
  if (const std::string set = environment("CONVEYOR_CACHE"); !set.empty()) return set;
  if (const std::string set = environment("XDG_CACHE_HOME"); !set.empty()) return fs::path(set) / "conveyor";
  return fs::path(environment("HOME")) / ".cache/conveyor";
}

KafkaInstallation KafkaInstallation::find() {
  KafkaInstallation found;
  found.java = find_java();
  const fs::path cache = cache_folder();
  const std::string wanted = environment("TEST_KAFKA_FOLDER");
  const fs::path jars = cache / (wanted.empty() ? "kafka" : wanted);
  if (!fs::exists(jars / ".complete")) {
    throw std::runtime_error("there is no Apache Kafka in " + jars.string() + ": run cmake/setup.sh " +
                             (wanted.empty() ? "kafka" : "newest") + ", or name the right folder in CONVEYOR_CACHE");
  }
  found.jars = fs::canonical(jars);

  // The archive is good for one Java and one set of jars.
  const auto java_age = fs::last_write_time(found.java).time_since_epoch().count();
  const std::size_t fingerprint =
      std::hash<std::string>{}(found.java.string() + '\n' + std::to_string(java_age) + '\n' + found.jars.string());
  std::ostringstream name;
  name << "kafka-quick-start-" << std::hex << fingerprint;
  found.quick_start = cache / name.str();
  return found;
}

std::vector<std::string> KafkaInstallation::command(const std::vector<std::string>& java_flags,
                                                    const std::vector<std::string>& arguments) const {
  std::vector<std::string> words{java.string()};
  words.insert(words.end(), java_flags.begin(), java_flags.end());
  words.insert(words.end(), {"-cp", jars.string() + "/*"});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace conveyor::tests
