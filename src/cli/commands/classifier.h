#ifndef CONVEYOR_SRC_CLI_COMMANDS_CLASSIFIER_H_
#define CONVEYOR_SRC_CLI_COMMANDS_CLASSIFIER_H_

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "conveyor/vision/classifier_registry.h"

namespace conveyor::cli {

// Each of these adds its verb to `conveyor classifier`, with help and examples. When the user chooses it, it sets
// `run`.
void add_classifier_check(CLI::App& classifier, Run& run);
void add_classifier_list(CLI::App& classifier, Run& run);

/// The classifiers that SPEC may name.
[[nodiscard]] vision::ClassifierRegistry all_classifiers();

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_CLASSIFIER_H_
