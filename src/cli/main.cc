#include <cstdio>
#include <exception>

#include "cli/command.h"

namespace {

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  done\n"
    "  1  failed; standard error says why\n"
    "  2  the command line is wrong\n"
    "\n"
    "Examples:\n"
    "  conveyor broker --topic orders:2\n"
    "  conveyor channels build/acme.desc\n"
    "  conveyor classifier check plugin:./libbrightness.so\n"
    "  conveyor dead-letters list orders-dlt\n"
    "  conveyor broker --help";

}  // namespace

int main(int argc, char** argv) {
  using namespace conveyor::cli;
  CLI::App app("Typed protobuf messages over Apache Kafka.", "conveyor");
  app.set_version_flag("--version", "conveyor " CONVEYOR_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  Run run;
  add_broker(app, run);
  add_channels(app, run);
#ifdef CONVEYOR_CLI_CLASSIFIES
  add_classifier(app, run);
#endif
  add_dead_letters(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;  // 0: help or version was asked for
  }
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conveyor: %s\n", error.what());
    return kFailed;
  }
}
