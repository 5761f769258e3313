#include "onnxruntime/engine.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <array>
#include <cstdint>
#include <memory>
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
    for (const vision::OnnxValue& output : network.outputs) output_names_.push_back(output.name);
    converted_.resize(output_names_.size());
    for (const std::string& name : output_names_) output_pointers_.push_back(name.c_str());
  }

  const std::vector<vision::OnnxOutput>& run(const cv::Mat& input) override {
    try {
      std::array<std::int64_t, 4> shape{};
      for (std::size_t d = 0; d < shape.size(); ++d) shape[d] = input.size[static_cast<int>(d)];
      // ONNX Runtime has no read-only tensor; it does not write to inputs.
      const Ort::Value tensor =
          Ort::Value::CreateTensor(memory_, const_cast<uchar*>(input.ptr()), input.total() * input.elemSize(),
                                   shape.data(), shape.size(), type_of(input.depth()));
      const char* name = input_name_.c_str();
      values_ =
          session_.Run(Ort::RunOptions{nullptr}, &name, &tensor, 1, output_pointers_.data(), output_pointers_.size());
      outputs_.clear();
      for (std::size_t i = 0; i < values_.size(); ++i) outputs_.push_back(output_of(values_[i], converted_[i]));
    } catch (const Ort::Exception& error) {
      throw Error(errc::handler_failed, fmt::format("ONNX Runtime says: {}", error.what()));
    }
    return outputs_;
  }

 private:
  static ONNXTensorElementDataType type_of(int depth) {
    if (depth == CV_8U) return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    return depth == CV_16F ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }

  /// @param converted memory for an output that is not float
  static vision::OnnxOutput output_of(const Ort::Value& value, cv::Mat& converted) {
    if (!value.IsTensor()) throw Error(errc::invalid_config, "its output is no tensor");
    const auto info = value.GetTensorTypeAndShapeInfo();
    if (info.GetElementType() == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
      const std::size_t count = info.GetElementCount();
      if (count == 0) return {info.GetShape(), {}};
      auto* halves = const_cast<Ort::Float16_t*>(value.GetTensorData<Ort::Float16_t>());  // a cv::Mat is never const
      cv::Mat(1, static_cast<int>(count), CV_16F, halves).convertTo(converted, CV_32F);
      return {info.GetShape(), {converted.ptr<float>(), count}};
    }
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
  std::vector<cv::Mat> converted_;
  std::vector<vision::OnnxOutput> outputs_;
};

std::unique_ptr<vision::OnnxEngine> make_engine(const vision::OnnxNetwork& network) {
  try {
    return std::make_unique<Engine>(network);
  } catch (const Ort::Exception& error) {
    throw Error(errc::invalid_config, fmt::format("ONNX Runtime says: {}", error.what()));
  }
}

}  // namespace

vision::OnnxEngineKind engine() {
  return {.word = "onnxruntime",
          .name = fmt::format("ONNX Runtime {}", OrtGetApiBase()->GetVersionString()),
          .make = make_engine};
}

}  // namespace conveyor::onnxruntime
