// The component alone: a network that is not there, and a registry that knows how to run others.
#include <conveyor/error.h>
#include <conveyor/onnxruntime/onnx.h>
#include <conveyor/vision/classifier_registry.h>

#include <cstdio>
#include <string>

int main() {
  conveyor::vision::ClassifierRegistry classifiers = conveyor::vision::built_in_classifiers();
  conveyor::onnxruntime::add_classifiers(classifiers);
  try {
    (void)classifiers.make("onnxruntime:none.onnx");
  } catch (const conveyor::Error& error) {
    std::puts(error.what());
    return error.code() == conveyor::errc::invalid_config ? 0 : 1;
  }
  return 1;
}
