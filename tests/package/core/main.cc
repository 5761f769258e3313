// Uses everything that core offers, so that a name which the shared library forgot to export does not link, and a type
// whose run-time information is not shared is not caught. No broker is needed.
#include <conveyor/channel.h>
#include <conveyor/channel_map.h>
#include <conveyor/config.h>
#include <conveyor/consumer.h>
#include <conveyor/context.h>
#include <conveyor/dead_letters.h>
#include <conveyor/error.h>
#include <conveyor/metadata.h>
#include <conveyor/observer.h>
#include <conveyor/producer.h>
#include <conveyor/stop.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/options.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/worker.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};
constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"predictions"};

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

/// Calls, and returns the code of the Error that must be thrown.
template <class E = conveyor::Error>
std::error_code thrown(auto&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "not the expected type of error: %s\n", error.what());
  }
  return {};
}

class Quiet final : public conveyor::Observer {
 public:
  void on_log(const conveyor::LogLine&) override {}
  void on_event(const conveyor::Event& event) override {
    expect(!conveyor::name_of(event.kind).empty(), "an event has a name");
  }
};

class Listening final : public conveyor::Context {
 public:
  std::optional<std::string_view> key() const noexcept override { return "key"; }
  int attempt() const noexcept override { return 1; }
  std::stop_token stop() const noexcept override { return {}; }

  int sent = 0;

 private:
  void send_erased(std::string_view, const conveyor::ChannelOptions&, const google::protobuf::Message&,
                   const conveyor::detail::StampTarget&, const conveyor::SendOptions&) override {
    ++sent;
  }
};

conveyor::Config unreachable() {
  conveyor::Config config{.bootstrap_servers = "127.0.0.1:1", .group = "consumers", .service = "package-test"};
  config.observer = std::make_shared<Quiet>();
  return config;
}

void errors() {
  using conveyor::errc;
  expect(thrown([] { throw conveyor::Error(errc::fatal, "x"); }) == errc::fatal, "Error");
  expect(thrown<conveyor::RetryableError>([] { throw conveyor::RetryableError("x"); }) == errc::retryable, "Retryable");
  expect(thrown<conveyor::DecodeError>([] { throw conveyor::DecodeError("x"); }) == errc::decode, "DecodeError");
  expect(std::string(conveyor::error_category().name()) == "conveyor", "error_category");
  expect(make_error_code(errc::decode).message().size() > 3, "make_error_code");

  expect(thrown([] { (void)conveyor::Channel<conveyor::v1::Image>::named("no topic!"); }) == errc::invalid_topic,
         "an Error thrown in the library is caught outside");
  const conveyor::Message<conveyor::v1::Image> undecodable{{.error = errc::decode, .error_text = "no zlib"}, {}};
  expect(thrown<conveyor::DecodeError>([&] { (void)undecodable.value(); }) == errc::decode,
         "a DecodeError thrown in the library is caught outside");
  expect(undecodable.metadata().uuid.empty(), "the metadata of a record");
}

void config_and_channels() {
  using conveyor::errc;
  auto config = conveyor::Config::from_env();
  config.properties["linger.msec"] = "5";
  expect(thrown([&] { config.validate(); }) == errc::unknown_property, "an unknown property");
  unreachable().validate();
  expect(thrown([] { (void)conveyor::Config::from_file("/no/such/file"); }) == errc::invalid_config, "no such file");

  conveyor::ChannelMap map{kImages};
  map.add({"predictions", "conveyor.v1.Prediction"});
  const std::vector<std::string> pairs{"scans=conveyor.egg.v1.EggScan"};
  map.add(conveyor::ChannelMap::from_pairs(pairs));
  expect(map.entries().size() == 3 && map.find("scans") != nullptr, "a channel map");
  expect(map.channel<conveyor::v1::Image>("images").topic() == "images", "a channel of a map");
  expect(thrown([&] { (void)map.channel<conveyor::v1::Image>("predictions"); }) == errc::wrong_type, "a wrong type");
  expect(thrown([] { (void)conveyor::ChannelMap::from_descriptor_set_file("/no/such/file"); }) == errc::invalid_config,
         "no such descriptor set");
}

void producer() {
  using conveyor::errc;
  std::atomic<int> resolved{0};
  {
    conveyor::Producer producer{unreachable(), {.delivery_timeout = 200ms, .close_timeout = 100ms}};
    conveyor::v1::Image image;
    image.set_image_data("pixels");
    producer.send(kImages, image, {.key = "camera-1"}, [&](const conveyor::Delivery& delivery) {
      expect(static_cast<bool>(delivery.error), "nothing can be delivered");
      ++resolved;
    });
    expect(!producer.try_send(kImages, image, {}, [&](const conveyor::Delivery&) { ++resolved; }), "try_send");
    expect(producer.flush(1ms).delivered == 0, "flush");
    expect(thrown([&] { producer.wait_until_connected(50ms); }) == errc::broker_unreachable, "no broker");
    expect(producer.counters().accepted == 2, "counters");
    conveyor::Producer moved{std::move(producer)};
  }
  expect(resolved == 2, "every accepted send resolves, at the latest when the producer goes away");
}

void consumer() {
  using conveyor::errc;
  auto config = unreachable();
  conveyor::Consumer consumer{config, kImages, {.topic_timeout = 100ms}};
  const conveyor::Message<conveyor::v1::Image>* message = nullptr;
  expect(static_cast<bool>(consumer.try_next(message, 1ms)) && message == nullptr, "there is no message");
  consumer.stop();
  for (const auto& one : consumer) expect(one.has_value(), "a stopped consumer gives no messages");
  expect(consumer.counters().received == 0, "counters of a consumer");
  config.group.clear();
  expect(thrown([&] { conveyor::Consumer{config, kImages}; }) == errc::no_group, "a consumer needs a group");
}

void worker() {
  conveyor::Worker worker{unreachable(), {.threads = 2, .drain_timeout = 1s}};
  worker.transform(kImages, kPredictions,
                   [](const conveyor::Message<conveyor::v1::Image>&,
                      conveyor::Context& context) -> std::optional<conveyor::v1::Prediction> {
                     context.send(kPredictions, {});
                     return std::nullopt;
                   });
  worker.handle(kPredictions, conveyor::per_thread([] { return [](const auto& message) { (void)message.value(); }; }));
  std::stop_source stop;
  stop.request_stop();
  const auto report = worker.run(stop.get_token());
  expect(report.handled == 0 && report.left == 0, "a stopped worker does nothing");
  expect(worker.counters().received == 0 && worker.producer_counters().accepted == 0, "counters of a worker");

  Listening context;
  context.send(kPredictions, {});
  expect(context.sent == 1, "a context of our own");
}

void dead_letters() {
  using conveyor::errc;
  expect(conveyor::name_of(conveyor::DeadLetterStage::kDecode) == "decode", "a stage has a name");
  expect(thrown([] {
           conveyor::read_dead_letters(unreachable(), "orders-dlt", {}, [](const conveyor::DeadLetter&) {},
                                       {.broker_timeout = 50ms});
         }) == errc::broker_unreachable,
         "no broker to read dead letters from");
  expect(thrown([] { conveyor::replay_dead_letters(unreachable(), "no topic!"); }) == errc::invalid_topic,
         "no topic to replay dead letters of");
}

}  // namespace

int main() {
  errors();
  config_and_channels();
  producer();
  consumer();
  worker();
  dead_letters();
  expect(!conveyor::stop_on_signals().stop_requested(), "no signal came");
  expect(conveyor::stderr_observer(conveyor::Severity::kError) != nullptr, "an observer");
  expect(conveyor::v1::Image::descriptor()->full_name() == "conveyor.v1.Image", "descriptors");
  expect(conveyor::v1::channel.number() == 51606, "the channel option");
  std::puts("core: all used");
}
