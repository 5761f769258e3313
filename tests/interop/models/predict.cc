// predict CLASSIFIER RUNS PHOTO...: what Conveyor says of PNGs. For each a line of JSON: the processor time that preprocessing
// and inference take on one thread, the median of so many runs in milliseconds, and a conveyor.v1.Prediction:
//   {"ms":12.5,"prediction":{...}}
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/media/image_codec.h"
#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/predictor.h"

namespace {

using Photo = conveyor::Message<conveyor::v1::Image>;
using conveyor::v1::Prediction;

/// The photo as raw pixels, so that decoding it takes no time later.
Photo read_photo(const char* path) {
  std::ifstream file(path, std::ios::binary);
  conveyor::v1::Image png, photo;
  png.set_image_data(std::string(std::istreambuf_iterator<char>(file), {}));
  png.set_encoding(conveyor::v1::IMAGE_ENCODING_PNG);
  cv::Mat buffer;
  conveyor::vision::to_image(conveyor::media::decode(png, buffer), photo);
  return conveyor::testing::message(std::move(photo), {.topic = path});
}

/// Prints what is said of a photo, and the median time.
void print(conveyor::vision::Predictor& predict, const Photo& photo, int runs) {
  std::vector<double> times;
  Prediction prediction;
  for (int run = 0; run < runs; ++run) {
    const std::clock_t start = std::clock();
    prediction = predict(photo);
    times.push_back(1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  const auto middle = times.begin() + runs / 2;
  std::nth_element(times.begin(), middle, times.end());
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(prediction, &json).ok()) {
    throw std::runtime_error("the prediction cannot be written as JSON");
  }
  std::printf("{\"ms\":%.3f,\"prediction\":%s}\n", *middle, json.c_str());
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 4) {
    std::fputs("predict CLASSIFIER RUNS PHOTO...\n", stderr);
    return 2;
  }
  cv::setNumThreads(1);  // as serve() does
  conveyor::vision::ClassifierRegistry classifiers = conveyor::vision::built_in_classifiers();
  conveyor::onnxruntime::add_classifiers(classifiers);
  conveyor::vision::Predictor predict(classifiers.make(arguments[1]));
  const int runs = std::max(1, std::atoi(arguments[2]));
  for (int i = 3; i < count; ++i) print(predict, read_photo(arguments[i]), runs);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
