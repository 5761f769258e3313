#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/broker.h"
#include "support/group_protocol.h"
#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/shared_by_all_tests.h"

namespace conveyor::tests {

namespace {

/// kfake, which ends when its standard input does: it cannot outlive this process.
class Kfake {
 public:
  Kfake() {
    const std::filesystem::path program = cache_folder() / "kfake/kfake";
    if (!std::filesystem::exists(program)) {
      throw std::runtime_error("there is no " + program.string() + ": run cmake/setup.sh newest");
    }
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(input[0], STDIN_FILENO);
      dup2(output[1], STDOUT_FILENO);
      execl(program.c_str(), program.c_str(), nullptr);
      _exit(127);
    }
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    std::FILE* const lines = fdopen(output[0], "r");
    char line[256];
    if (lines != nullptr && std::fgets(line, sizeof line, lines) != nullptr) bootstrap_ = line;
    if (lines != nullptr) std::fclose(lines);
    if (bootstrap_.empty()) throw std::runtime_error("kfake did not say where it listens");
    bootstrap_.pop_back();
    admin_ = std::make_unique<KafkaAdmin>(bootstrap_);
  }
  ~Kfake() {
    close(input_);
    waitpid(pid_, nullptr, 0);
  }
  Kfake(const Kfake&) = delete;
  Kfake& operator=(const Kfake&) = delete;

  [[nodiscard]] const std::string& bootstrap() const noexcept { return bootstrap_; }
  [[nodiscard]] KafkaAdmin& admin() noexcept { return *admin_; }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string bootstrap_;
  std::unique_ptr<KafkaAdmin> admin_;
};

SharedByAllTests<Kfake> shared_kfake;

}  // namespace

std::string bootstrap_servers() { return shared_kfake->bootstrap(); }

Config config_of_group(std::string_view group) {
  Config config;
  config.bootstrap_servers = bootstrap_servers();
  config.group = group;
  config.properties = quick_properties();
  return config;
}

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& configs) {
  shared_kfake->admin().create_topic(topic, partitions, configs);
}

}  // namespace conveyor::tests
