#include "onnxruntime/engine.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <array>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/observer.h"
#include "observe/library_log.h"

namespace conveyor::onnxruntime {
namespace {

void ORT_API_CALL on_line(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* text) {
  const Severity severity = level >= ORT_LOGGING_LEVEL_ERROR     ? Severity::kError
                            : level == ORT_LOGGING_LEVEL_WARNING ? Severity::kWarning
                                                                 : Severity::kInfo;
  detail::log_of_library(severity, "ONNX Runtime", text);
}

/// One for the process, never destroyed: classifiers may outlive static objects.
Ort::Env& environment() {
  static Ort::Env& environment = *new Ort::Env(ORT_LOGGING_LEVEL_ERROR, "conveyor", on_line, nullptr);
  return environment;
}

Ort::SessionOptions one_thread() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  options.AddConfigEntry("session.inter_op.allow_spinning", "0");
  return options;
}

class Engine final : public vision::OnnxEngine {
 public:
  explicit Engine(const vision::OnnxNetwork& network)
      : session_(environment(), network.bytes.data(), network.bytes.size(), one_thread()),
        memory_(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault)) {
    const Ort::AllocatorWithDefaultOptions allocator;
    input_name_ = session_.GetInputNameAllocated(0, allocator).get();
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
      output_names_.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
    }
    for (const std::string& name : output_names_) output_pointers_.push_back(name.c_str());
  }

  const std::vector<vision::OnnxOutput>& run(const cv::Mat& input) override {
    try {
      std::array<std::int64_t, 4> shape{};
      for (std::size_t d = 0; d < shape.size(); ++d) shape[d] = input.size[static_cast<int>(d)];
      // ONNX Runtime has no read-only tensor; it does not write to inputs.
      const Ort::Value tensor = Ort::Value::CreateTensor<float>(memory_, const_cast<float*>(input.ptr<float>()),
                                                                input.total(), shape.data(), shape.size());
      const char* name = input_name_.c_str();
      values_ =
          session_.Run(Ort::RunOptions{nullptr}, &name, &tensor, 1, output_pointers_.data(), output_pointers_.size());
      outputs_.clear();
      for (const Ort::Value& value : values_) outputs_.push_back(output_of(value));
    } catch (const Ort::Exception& error) {
      throw Error(errc::handler_failed, fmt::format("ONNX Runtime says: {}", error.what()));
    }
    return outputs_;
  }

 private:
  static vision::OnnxOutput output_of(const Ort::Value& value) {
    if (!value.IsTensor()) throw Error(errc::invalid_config, "its output is no tensor");
    const auto info = value.GetTensorTypeAndShapeInfo();
    if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      throw Error(errc::invalid_config, "its output is not float");
    }
    return {info.GetShape(), {value.GetTensorData<float>(), info.GetElementCount()}};
  }

  Ort::Session session_;
  Ort::MemoryInfo memory_;
  std::string input_name_;
  std::vector<std::string> output_names_;
  std::vector<const char*> output_pointers_;
  std::vector<Ort::Value> values_;
  std::vector<vision::OnnxOutput> outputs_;
};

}  // namespace

std::unique_ptr<vision::OnnxEngine> make_engine(const vision::OnnxNetwork& network) {
  try {
    return std::make_unique<Engine>(network);
  } catch (const Ort::Exception& error) {
    throw Error(errc::invalid_config, fmt::format("ONNX Runtime says: {}", error.what()));
  }
}

}  // namespace conveyor::onnxruntime
