// kafka_cluster [--brokers N] [--jvm quick|full] [--property NAME=VALUE]...
// Runs a real Apache Kafka for scripts: prints one line, bootstrap=127.0.0.1:PORT, when it is ready, and runs until it
// is told to stop by SIGTERM or SIGINT, until the program that started it ends, or, where its standard input is a pipe,
// until that is closed.

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "support/kafka_cluster/kafka_cluster.h"

namespace {

bool is_pipe(int file) {
  struct stat facts {};
  return fstat(file, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode));
}

int signals_as_file() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  return signalfd(-1, &ends, SFD_CLOEXEC);
}

void wait_until_told_to_stop(int signals) {
  pollfd watched[] = {{signals, POLLIN, 0}, {is_pipe(STDIN_FILENO) ? STDIN_FILENO : -1, POLLIN, 0}};
  for (;;) {
    poll(watched, 2, -1);
    if (watched[0].revents != 0) return;
    char ignored[256];
    if (watched[1].revents != 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  conveyor::tests::KafkaClusterOptions options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    const auto equals = value.find('=');
    if (name == "--brokers" && (value == "1" || value == "3")) {
      options.brokers = std::stoi(value);
    } else if (name == "--jvm" && (value == "quick" || value == "full")) {
      options.quick_start = value == "quick";
    } else if (name == "--property" && equals != std::string::npos) {
      options.server_properties[value.substr(0, equals)] = value.substr(equals + 1);
    } else {
      std::fprintf(stderr, "usage: kafka_cluster [--brokers 1|3] [--jvm quick|full] [--property NAME=VALUE]...\n");
      return 2;
    }
  }
  try {
    const int signals = signals_as_file();
    const conveyor::tests::KafkaCluster cluster(options);
    std::printf("bootstrap=%s\n", cluster.bootstrap_servers().c_str());
    std::fflush(stdout);
    wait_until_told_to_stop(signals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kafka_cluster: %s\n", error.what());
    return 1;
  }
}
