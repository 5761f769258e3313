#include "cli/commands/classifier.h"

#ifdef CONVEYOR_CLI_HAS_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace conveyor::cli {
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
    "  conveyor classifier check 'onnx:egg.onnx?top=1' --image egg.png";

}  // namespace

vision::ClassifierRegistry all_classifiers() {
  vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
#ifdef CONVEYOR_CLI_HAS_ONNXRUNTIME
  onnxruntime::add_classifiers(classifiers);
#endif
  return classifiers;
}

void add_classifier(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("classifier", "Check a model or plugin before a service gets it.");
  command->require_subcommand(1);
  command->footer(kFooter);
  add_classifier_check(*command, run);
  add_classifier_list(*command, run);
}

}  // namespace conveyor::cli
