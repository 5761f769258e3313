// With Python, through a real Kafka: what MessageCorps writes we read, what we write it reads, every metadata field.

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/errors.h"
#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/kafka_cluster/temporary_folder.h"
#include "support/running_worker.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

inline constexpr Channel<Image> kVideoStream{"VideoStream"};
inline constexpr Channel<Prediction> kPredictions{"Predictions"};

// As in channels.py.
const std::vector<std::string> kObjects{"person", "Fußgänger", "犬", "🥚", ""};
const std::vector<std::pair<int, int>> kSizes{{0, 0}, {1, 1}, {10, 10}, {800, 600}};

std::string pixels(int number, int width, int height) {
  std::string all;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * 3; ++x) all += static_cast<char>(x == 0 ? y % 251 : (x * 3 + number) % 251);
  }
  return all;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs a script to its end. @return what it printed
std::string python(const std::string& script, const std::vector<std::string>& arguments) {
  const std::filesystem::path interpreter = cache_folder() / "python/bin/python3";
  if (!exists(interpreter)) {
    ADD_FAILURE() << "the Python clients are missing: run cmake/setup.sh tests";
    return {};
  }
  std::vector<std::string> command{"env",
                                   "PYTHONPATH=" CONVEYOR_PYTHON_MESSAGES,
                                   "PYTHONUTF8=1",
                                   "PYTHONDONTWRITEBYTECODE=1",
                                   interpreter.string(),
                                   CONVEYOR_INTEROP_SCRIPTS "/" + script};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const TemporaryFolder folder("conveyor-interop");
  const auto log = folder.path() / "log";
  ChildProcess process(command, log);
  EXPECT_EQ(process.wait(60s), 0) << text_of(log);
  return text_of(log);
}

/// What produce.py says that it sent.
struct Sent {
  std::string topic, frame, uuid, iso_date, trace_id;
};

/// Each test has a broker of its own: the topics have the names that MessageCorps' services use.
class Interop : public ::testing::Test {
 protected:
  Interop() {
    kafka_.create_topic("VideoStream", 1);
    kafka_.create_topic("Predictions", 1);
  }

  [[nodiscard]] Config config() const {
    return {.bootstrap_servers = kafka_.bootstrap_servers(),
            .group = "c++",
            .service = "c++ ü",
            .environment = Environment::kProduction};
  }

  std::vector<Sent> python_sends() {
    std::vector<Sent> all;
    std::istringstream lines(python("produce.py", {kafka_.bootstrap_servers()}));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      Sent& one = all.emplace_back();
      for (std::string* field : {&one.topic, &one.frame, &one.uuid, &one.iso_date, &one.trace_id}) {
        std::getline(fields, *field, '\t');
      }
    }
    EXPECT_EQ(all.size(), kSizes.size() + 1);
    return all;
  }

  void expect_python_reads(const std::string& topic, std::size_t count, const std::vector<std::string>& traces = {}) {
    std::vector<std::string> arguments{kafka_.bootstrap_servers(), topic, std::to_string(count)};
    arguments.insert(arguments.end(), traces.begin(), traces.end());
    EXPECT_TRUE(contains(python("consume.py", arguments), "checked " + std::to_string(count)));
  }

  KafkaCluster kafka_;
};

void expect_stamps(const MetadataView& metadata, const Sent& sent, std::int64_t offset) {
  EXPECT_EQ(metadata.timestamp, 0) << "MessageCorps never sets it";
  EXPECT_EQ(metadata.environment, Environment::kStaging);
  EXPECT_EQ(metadata.sending_service, "python-camera ü");
  EXPECT_EQ(metadata.uuid, sent.uuid);
  EXPECT_EQ(metadata.iso_date, sent.iso_date);
  EXPECT_EQ(metadata.trace_id, sent.trace_id);
  EXPECT_EQ(metadata.offset, offset);
  EXPECT_EQ(metadata.partition, 0);
}

TEST_F(Interop, WeReadWhatPythonWrites) {
  const std::vector<Sent> sent = python_sends();
  ASSERT_EQ(sent.size(), kSizes.size() + 1);
  Consumer images(config(), kVideoStream);
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    const auto* message = images.next(20s);
    ASSERT_NE(message, nullptr);
    const auto& [width, height] = kSizes[i];
    EXPECT_EQ(message->value().frame(), static_cast<std::int64_t>(i));
    EXPECT_EQ(message->value().width(), width);
    EXPECT_EQ(message->value().height(), height);
    EXPECT_EQ(message->value().image_data(), pixels(static_cast<int>(i), width, height));
    EXPECT_FALSE(message->key());
    EXPECT_TRUE(message->record().headers.empty());
    expect_stamps(message->metadata(), sent[i], static_cast<std::int64_t>(i));
  }
  Consumer predictions(config(), kPredictions);
  const auto* message = predictions.next(20s);
  ASSERT_NE(message, nullptr);
  const auto& objects = message->value().object();
  EXPECT_EQ(std::vector<std::string>(objects.begin(), objects.end()), kObjects);
  EXPECT_EQ(message->value().frame(), std::int64_t{1} << 40);
  expect_stamps(message->metadata(), sent.back(), 0);
}

TEST_F(Interop, PythonReadsWhatWeWriteThoughOursHasMoreFields) {
  Producer producer(config());
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    const auto& [width, height] = kSizes[i];
    Image image;
    image.set_frame(static_cast<std::int64_t>(i));
    image.set_width(width);
    image.set_height(height);
    image.set_image_data(pixels(static_cast<int>(i), width, height));
    image.set_pixel_format(v1::PIXEL_FORMAT_RGB);
    image.set_bit_depth(8);
    image.set_encoding(v1::IMAGE_ENCODING_RAW);
    image.set_source("camera-ü");
    image.set_capture_time_us(1'700'000'000'000'000);
    producer.send(kVideoStream, image, {.key = "camera-ü"});
  }
  Prediction prediction;
  for (const std::string& object : kObjects) prediction.add_object(object);
  auto& detection = *prediction.add_detections();
  detection.set_label("person");
  detection.set_score(0.75F);
  detection.mutable_box()->set_width(20);
  prediction.mutable_model()->set_name("hog");
  prediction.set_preprocess("resize 640 480");
  producer.send(kPredictions, prediction);
  ASSERT_EQ(producer.flush(20s).delivered, kSizes.size() + 1);
  expect_python_reads("VideoStream", kSizes.size());
  expect_python_reads("Predictions", 1);
}

// Camera in Python, labelling here, display in Python: one trace from end to end.
TEST_F(Interop, ATraceGoesThroughFromPythonToPython) {
  Worker worker(config());
  worker.transform(kVideoStream, kPredictions, [](const Message<Image>& message) {
    Prediction prediction;
    prediction.set_frame(message.value().frame() + 1);  // after the one that Python sends itself
    for (const std::string& object : kObjects) prediction.add_object(object);
    return prediction;
  });
  const std::vector<Sent> sent = python_sends();
  ASSERT_EQ(sent.size(), kSizes.size() + 1);
  RunningWorker running(worker);
  Consumer predictions(Config{.bootstrap_servers = kafka_.bootstrap_servers(), .group = "display"}, kPredictions);
  ASSERT_NE(predictions.next(20s), nullptr);
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    const auto* message = predictions.next(20s);
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(message->metadata().trace_id, sent[i].trace_id);
    EXPECT_NE(message->metadata().uuid, sent[i].uuid);
    EXPECT_EQ(message->metadata().sending_service, "c++ ü");
  }
}

// Strict readers: every header's text must be UTF-8, a null is not an empty text, and what we sent can be parsed.
TEST_F(Interop, PythonReadsHeadersAndTextsThatWereBadWhenTheyCame) {
  kafka_.create_topic("VideoStream-dlt", 1);
  kafka_.create_topic("Handed-on", 1);
  constexpr Channel<Prediction> kHandedOn{"Handed-on", {.codec = Codec::kRaw}};
  Producer producer(config());
  Image image;
  image.set_image_data(std::string(100'000, 'x'));
  producer.send(kVideoStream, image, {.headers = {{"note", "", true}, {"empty", ""}}});
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  Worker worker(config(), {.dead_letter = {.enabled = true}});
  worker.handle(kVideoStream, [&](const Message<Image>& message, Context& context) {
    Prediction prediction;
    prediction.add_object("caf\xc3\xa9");
    context.send(kHandedOn, prediction, {.headers = message.record().headers.all()});
    prediction.set_object(0, "caf\xe9");
    EXPECT_THROW(context.send(kHandedOn, prediction), Error);
    throw std::runtime_error("caf\xe9" + std::string(2'000, 'x'));
  });
  RunningWorker running(worker);
  const std::string letter = python("headers.py", {kafka_.bootstrap_servers(), "VideoStream-dlt"});
  EXPECT_TRUE(contains(letter, "note=None\nempty=''\n")) << letter;
  EXPECT_TRUE(contains(letter, "conveyor-dlt-error='the handler threw: caf\ufffdxxx")) << letter;
  const std::string handed_on = python("headers.py", {kafka_.bootstrap_servers(), "Handed-on", "Prediction"});
  EXPECT_TRUE(contains(handed_on, "note=None\nempty=''\n")) << handed_on;
  EXPECT_TRUE(contains(handed_on, "content-encoding='identity'\n")) << handed_on;
  EXPECT_FALSE(contains(handed_on, "conveyor-size")) << handed_on;
  EXPECT_TRUE(contains(handed_on, "object=['caf\u00e9']")) << handed_on;
}

constexpr char kImage[] =
    "0a1a74686973206973206a7573742061207465737420737472696e67100a180a20072a7410021a0663616d657261222435633661613162302d"
    "653738372d313166302d396433612d3032343261633132303030322a20323032362d30312d30325430333a30343a30352e3637383930312b30"
    "303a303042203563366161326432653738373131663039643361303234326163313230303032";
constexpr char kImageRecord[] =
    "789c4dccb10ac2301485617050c8d4513a0571aa444e6edba4cde833f802d734d50a3a34f1fd4d9c84033f9ce113757a2c51e63d3f31499629"
    "e4c4b42eef7b25f642ee9a546deaade75758f970ecbd61d637a86007abb49ea1c6a96505ea88bd2600d4480219059ddf2b5a87cea13f1b3b8c"
    "d027c00117f97368a2c214a520ffc617fc4725fb";
constexpr char kPrediction[] =
    "0a06706572736f6e0a03646f6710071a7410021a0663616d657261222435633661613162302d653738372d313166302d396433612d30323432"
    "61633132303030322a20323032362d30312d30325430333a30343a30352e3637383930312b30303a3030422035633661613264326537383731"
    "31663039643361303234326163313230303032";
constexpr char kPredictionRecord[] =
    "789c4dccb10e82301006e044124c9898990861c29cf9ef80163afa0cbec0d9562785a0ef1fa993eb377c45bec6edbdbc8a2c2c8ff2587dca43"
    "957b7dc64d9b76f446956fa068274bcc77d01c7a25c820ea590048570bc41078d72b7a87c1613c1b3bcde013e0804bfd7b24486ad29292ffe3"
    "0b79061fb7";

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

TEST(InteropGolden, BothReadTheBytesAndWriteThemAgain) {
  Image image;
  ASSERT_TRUE(image.ParseFromString(bytes_of(kImage)));
  EXPECT_EQ(image.image_data(), "this is just a test string");
  EXPECT_EQ(image._message_data().sending_service(), "camera");
  EXPECT_EQ(image.SerializeAsString(), bytes_of(kImage));
  Prediction prediction;
  ASSERT_TRUE(prediction.ParseFromString(bytes_of(kPrediction)));
  EXPECT_EQ(prediction.object(1), "dog");
  EXPECT_EQ(prediction.SerializeAsString(), bytes_of(kPrediction));
  python("golden.py", {kImage, kImageRecord, kPrediction, kPredictionRecord});
}

}  // namespace
}  // namespace conveyor::tests
