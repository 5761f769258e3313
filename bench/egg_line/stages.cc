#include "egg_line/stages.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/stop.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/worker.h"
#include "egg_scan/model/phantom.h"
#ifdef EGG_LINE_HAS_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace conveyor::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kSeries = 7;  // of phantoms; training saw others

Channel<v1::Image> scans_of(const Options& options) {
  return Channel<v1::Image>::named(kScansTopic + options.topics, {.level = options.level});
}
Channel<v1::Prediction> predictions_of(const Options& options) {
  return Channel<v1::Prediction>::named(kPredictionsTopic + options.topics, {.level = options.level});
}

Config config_of(const Options& options) {
  const int fetch_bytes = options.stage == "worker" ? options.scan_fetch_bytes : options.prediction_fetch_bytes;
  return {.bootstrap_servers = options.bootstrap_servers,
          .group = "egg-line-" + options.stage + options.topics,
          .service = options.stage,
          .properties = {{"linger.ms", std::to_string(options.linger_ms)},
                         {"fetch.min.bytes", std::to_string(fetch_bytes)},
                         {"fetch.wait.max.ms", std::to_string(options.fetch_wait_ms)}}};
}

std::shared_ptr<const vision::Model> egg_model(const Options& options) {
  const vision::OnnxOptions card = vision::read_model_card(EGG_LINE_MODEL);
#ifdef EGG_LINE_HAS_ONNXRUNTIME
  if (options.engine == "onnxruntime") return onnxruntime::onnx(EGG_LINE_MODEL, card);
#endif
  if (options.engine != "opencv") throw std::runtime_error("--engine " + options.engine + ": it was built without");
  return vision::onnx(EGG_LINE_MODEL, card);
}

void sleep_until(std::int64_t ns) { std::this_thread::sleep_until(steady_clock::time_point(nanoseconds(ns))); }

/// The scanner at work.
class Scanner {
 public:
  Scanner(const Options& options, Board& board)
      : head_(board.head()), scans_(board.scans()), channel_(scans_of(options)), producer_(config_of(options)) {
    for (int i = 0; i < options.distinct; ++i) {
      slices_.push_back(egg::phantom(kSeries, static_cast<std::uint64_t>(i)).slice);
    }
    image_.set_source("scanner");
    producer_.wait_until_connected(30s);
  }

  void phase(const std::stop_token& stop) {
    const std::int64_t start = head_.start_ns, end = head_.end_ns, interval = head_.interval_ns;
    sleep_until(start);
    for (std::int64_t due = start; !stop.stop_requested(); due += interval) {
      if (interval > 0) sleep_until(due);
      while (head_.sent - head_.arrived >= head_.window && !stop.stop_requested()) {
        std::this_thread::sleep_for(200us);
      }
      if (interval == 0) due = now_ns();
      // What was due is sent, however late.
      if (due >= end) break;
      send(due);
    }
    const FlushReport report = producer_.flush(60s);
    if (report.failed != 0 || report.left != 0) throw std::runtime_error("not every scan was delivered");
    const ProducerCounters counters = producer_.counters();
    head_.record_bytes =
        static_cast<std::int64_t>(counters.record_bytes / std::max<std::uint64_t>(counters.accepted, 1));
  }

 private:
  void send(std::int64_t due) {
    const std::int64_t id = head_.sent;
    if (static_cast<std::size_t>(id) >= scans_.size())
      throw std::runtime_error("more scans than the board has room for");
    scans_[static_cast<std::size_t>(id)].scheduled_ns = due;
    vision::to_image(slices_[static_cast<std::size_t>(id) % slices_.size()], v1::IMAGE_ENCODING_DELTA_SPLIT, image_);
    image_.set_frame(id);
    image_.set_capture_time_us((due + system_minus_steady_) / 1'000);
    producer_.send(channel_, image_);
    head_.sent = id + 1;
  }

  BoardHead& head_;
  std::span<Scan> scans_;
  Channel<v1::Image> channel_;
  Producer producer_;
  std::vector<cv::Mat> slices_;
  v1::Image image_;
  const std::int64_t system_minus_steady_ =
      nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count() - now_ns();
};

void publish(WorkerFigures& figures, const Worker& worker, const vision::ServedModel& served) {
  const ConsumerCounters counters = worker.counters();
  const vision::ServeCounters done = served.counters();
  figures.partitions = static_cast<std::int64_t>(counters.partitions);
  figures.dead_letters = static_cast<std::int64_t>(counters.dead_letters);
  figures.predictions = static_cast<std::int64_t>(done.predictions);
  figures.batches = static_cast<std::int64_t>(done.batches);
  figures.decode_us = done.times.decode.count();
  figures.preprocess_us = done.times.preprocess.count();
  figures.inference_us = done.times.inference.count();
  figures.encode_us = done.times.encode.count();
}

}  // namespace

void scan(const Options& options, Board& board) {
  const std::stop_token stop = stop_on_signals();
  BoardHead& head = board.head();
  Scanner scanner(options, board);
  head.scanner_ready = true;
  while (!stop.stop_requested()) {
    const std::int64_t wanted = head.phase;
    if (wanted == head.phase_done) {
      std::this_thread::sleep_for(1ms);
      continue;
    }
    scanner.phase(stop);
    head.phase_done = wanted;
  }
}

void work(const Options& options, Board& board) {
  WorkerFigures& figures = board.head().workers.at(static_cast<std::size_t>(options.index));
  Worker worker{config_of(options), {.threads = options.threads, .dead_letter = {.enabled = options.dead_letters}}};
  const auto served = vision::serve(worker, scans_of(options), predictions_of(options), egg_model(options),
                                    {.batch = {.max_batch = static_cast<std::size_t>(options.batch),
                                               .max_delay = milliseconds(options.batch_delay_ms)}});
  const std::jthread publishing([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      publish(figures, worker, *served);
      std::this_thread::sleep_for(20ms);
    }
  });
  worker.run(stop_on_signals());
}

void read(const Options& options, Board& board) {
  const std::stop_token stop = stop_on_signals();
  BoardHead& head = board.head();
  const std::span<Scan> scans = board.scans();
  Consumer consumer{config_of(options), predictions_of(options), {.stop = stop}};
  while (!stop.stop_requested()) {
    const Message<v1::Prediction>* const message = consumer.next(50ms);
    if (message == nullptr) {
      head.reader_partitions = static_cast<std::int64_t>(consumer.counters().partitions);
      continue;
    }
    const std::int64_t arrived = now_ns();
    const auto id = static_cast<std::size_t>(message->value().frame());
    if (id >= scans.size()) throw std::runtime_error("a prediction of a scan that was never sent");
    if (scans[id].arrivals++ == 0) {
      scans[id].arrived_ns = arrived;
      ++head.arrived;
    }
  }
}

}  // namespace conveyor::bench
