#include <CLI/CLI.hpp>
#include <string_view>

#include "cli/classifier_program.h"
#include "cli/command.h"
#include "cli/run_command.h"

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
    "  conveyor lag --group kitchen --watch\n"
    "  conveyor tail VideoStream --follow\n"
    "  conveyor broker --help";

}  // namespace

int main(int argc, char** argv) {
  using namespace conveyor::cli;
  if (argc > 1 && std::string_view(argv[1]) == "classifier") return run_classifier_program(argv);
  CLI::App app("Typed protobuf messages over Apache Kafka.", "conveyor");
  app.set_version_flag("--version", "conveyor " CONVEYOR_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  Run run;
  add_broker(app, run);
  add_channels(app, run);
  app.add_subcommand("classifier", kClassifierPurpose);  // for help; it ran above
  add_dead_letters(app, run);
  add_lag(app, run);
  add_send(app, run);
  add_tail(app, run);
  add_topics(app, run);
  return run_command(app, run, argc, argv);
}
