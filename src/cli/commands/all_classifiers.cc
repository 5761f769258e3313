#include "cli/commands/classifier.h"

#ifdef CONVEYOR_CLI_HAS_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace conveyor::cli {

vision::ClassifierRegistry all_classifiers() {
  vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
#ifdef CONVEYOR_CLI_HAS_ONNXRUNTIME
  onnxruntime::add_classifiers(classifiers);
#endif
  return classifiers;
}

}  // namespace conveyor::cli
