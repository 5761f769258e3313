#include <CLI/CLI.hpp>

#include "cli/classifier_program.h"
#include "cli/command.h"
#include "cli/commands/classifier.h"
#include "cli/run_command.h"

// What `conveyor classifier` becomes: see classifier_program.h.

namespace {

constexpr const char* kFooter =
    "SPEC names a classifier as a configuration does: NAME, NAME:SUBJECT or NAME:SUBJECT?KEY=VALUE&...;\n"
    "`conveyor classifier list` lists the names.\n"
    "\n"
    "Exit codes: 0 done, 1 the classifier cannot be used; standard error says why, 2 the command line is\n"
    "wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor classifier list\n"
    "  conveyor classifier check plugin:./libbrightness.so\n"
    "  conveyor classifier check 'onnx:egg.onnx?top=1' --image egg.png --show seen.png";

}  // namespace

int main(int argc, char** argv) {
  using namespace conveyor::cli;
  CLI::App app(kClassifierPurpose, "conveyor classifier");
  app.require_subcommand(1);
  app.footer(kFooter);
  Run run;
  add_classifier_check(app, run);
  add_classifier_list(app, run);
  return run_command(app, run, argc, argv);
}
