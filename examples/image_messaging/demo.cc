#include "demo.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/media/video.h"
#include "conveyor/producer.h"
#include "labellers.h"
#include "log.h"
#include "support/cluster.h"

namespace image_messaging {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// A part that runs on a thread of its own.
class Part {
 public:
  explicit Part(std::function<void(const std::stop_token&)> run)
      : thread_([this, run = std::move(run)](const std::stop_token& stop) {
          try {
            run(stop);
          } catch (...) {
            failure_ = std::current_exception();
          }
          ended_ = true;
        }) {}

  [[nodiscard]] bool ended() const { return ended_; }
  void finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  /// After finish().
  void throw_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

/// @return when the condition holds, the stop was requested, or the time has passed
template <class Condition>
void wait_for(Condition condition, const std::stop_token& stop, std::chrono::milliseconds within) {
  for (const auto deadline = Clock::now() + within;
       !condition() && !stop.stop_requested() && Clock::now() < deadline;) {
    std::this_thread::sleep_for(20ms);
  }
}

nlohmann::json numbers(const CaptureReport& report, int labellers) {
  return {{"capture_sent", report.sent},
          {"capture_answered", report.answered},
          {"capture_dropped", report.dropped},
          {"labellers", labellers}};
}

void print_progress(Clock::time_point start, const CaptureReport& sent, const FeedCounts& feed) {
  std::printf("%6.1f s  sent %5" PRId64 "  labelled %5" PRId64 "  shown %5" PRId64 "  browsers %d\n",
              std::chrono::duration<double>(Clock::now() - start).count(), sent.sent, feed.join.labelled,
              feed.page.feed.shown, feed.page.feed.viewers);
  std::fflush(stdout);
}

void print_line(const char* name, std::int64_t value, const char* what = "") {
  std::printf("%-17s %" PRId64 "%s\n", name, value, what);
}

void print_report(const CaptureReport& sent, const FeedCounts& feed, int restarts) {
  const web::FeedReport& page = feed.page.feed;
  std::printf("\n");
  print_line("frames sent", sent.sent);
  if (sent.dropped > 0) print_line("not sent", sent.dropped, ", to stay live");
  if (sent.unanswered > 0) print_line("never labelled", sent.unanswered);
  if (sent.failed > 0) print_line("not delivered", sent.failed);
  if (sent.reconnects > 0) print_line("camera came back", sent.reconnects, " times");
  print_line("frames labelled", feed.join.labelled);
  if (feed.join.unlabelled > 0) print_line("without label", feed.join.unlabelled);
  if (feed.late > 0) print_line("after their turn", feed.late);
  if (feed.page.unreadable > 0) print_line("unreadable", feed.page.unreadable);
  print_line("frames shown", page.shown);
  print_line("frames dropped", page.dropped + page.waiting, page.shown == 0 ? ", no browser looked" : "");
  print_line("label changes", feed.page.changes);
  if (feed.page.not_stored > 0) print_line("not stored", feed.page.not_stored, " pictures of them");
  if (restarts > 0) print_line("restarts", restarts, " of labellers");
  if (page.latency.count() > 0) {
    std::printf("latency           p50 %.0f ms, p99 %.0f ms, from capture to the browser's word that it is painted\n",
                page.latency.quantile_ms(0.5), page.latency.quantile_ms(0.99));
  }
}

/// What is wrong with a run that came to its end, on standard error. @return whether nothing is
bool check(const CaptureReport& sent, const FeedCounts& feed) {
  bool good = sent.complete();
  if (sent.sent == 0) std::fprintf(stderr, "image_messaging: the source has no frames\n");
  if (sent.unreadable > 0) {
    std::fprintf(stderr, "image_messaging: %" PRId64 " frames of the source could not be read\n", sent.unreadable);
  }
  if (sent.answered != sent.sent) {
    std::fprintf(stderr, "image_messaging: %" PRId64 " of %" PRId64 " frames were labelled\n", sent.answered,
                 sent.sent);
  }
  if (feed.page.not_stored > 0) {
    std::fprintf(stderr, "image_messaging: %" PRId64 " pictures could not be stored\n", feed.page.not_stored);
    good = false;
  }
  if (feed.page.feed.published != sent.sent || feed.join.labelled != sent.sent) {
    std::fprintf(stderr,
                 "image_messaging: of %" PRId64 " frames %" PRId64 " reached the page, %" PRId64 " with a label\n",
                 sent.sent, feed.page.feed.published, feed.join.labelled);
    good = false;
  }
  return good;
}

/// The parts of one demonstration. It lives on the main thread, as Labellers must.
class Demo {
 public:
  Demo(const DemoOptions& options, const std::stop_token& stop)
      : options_(options),
        stop_(stop),
        log_path_(options.log.empty() ? options.feed.page.out / "image_messaging.jsonl" : options.log) {
    if (!options.capture_here) return;
    // Looked at first, so that a wrong name or address does not start anything.
    CaptureOptions capture = options.capture;
    capture.source.stop = stop;
    capture_.emplace([this](std::string_view group) { return capture_config_(group); }, capture);
  }

  bool run() {
    const LogFile log(log_path_);
    const support::Cluster cluster(options_.bootstrap, "image_messaging");
    capture_config_ = log.of_part(cluster.config_for(), "capture");
    conveyor::Producer(capture_config_("")).wait_until_connected(10s);
    Feed feed(log.of_part(cluster.config_for(), "feed"), feed_options());
    say((cluster.embedded() ? "embedded broker at " : "Kafka at ") + cluster.address());
    Labellers labellers(options_.labellers, options_.label, cluster.environment(), log_path_, say);
    std::atomic<bool> feed_ready{false};
    Part show([&](const std::stop_token& stop) { feed.run(stop, [&] { feed_ready = true; }); });
    labellers.wait_until_ready(stop_);
    wait_for([&] { return feed_ready || show.ended(); }, stop_, 30s);
    if (!stop_.stop_requested() && !feed_ready) {
      show.finish();
      show.throw_failure();
      throw conveyor::Error(conveyor::errc::timed_out, "the feed got no partitions within 30 seconds");
    }
    say("the page is at " + feed.url());
    say("logs (JSON) are in " + log_path_.string());
    stream(feed, show, labellers);
    labellers.ask_to_stop();
    return finish(feed, labellers.restarts());
  }

 private:
  /// What must not be lost waits as long for its label as the capture does.
  [[nodiscard]] FeedOptions feed_options() const {
    FeedOptions feed = options_.feed;
    feed.join.most_frames = std::max(feed.join.most_frames, 2 * options_.capture.ahead);
    if (capture_ && !capture_->drops()) feed.join.frame_patience = options_.capture.patience;
    return feed;
  }

  /// Runs the capture until its end or the stop. @throws what ended a part
  void stream(Feed& feed, Part& show, Labellers& labellers) {
    std::atomic<int> running{options_.labellers};
    feed.show_also([this, &running] { return numbers(report(), running); });
    std::optional<Part> film;
    if (capture_) film.emplace([this](const std::stop_token& stop) { capture_->run(stop); });
    const auto start = Clock::now();
    constexpr auto kTellEvery = 5s;
    for (auto next = start + kTellEvery; !stop_.stop_requested() && !show.ended() && !(film && film->ended());) {
      wait_for([&] { return show.ended() || (film && film->ended()); }, stop_, 100ms);
      labellers.look_after();
      running = labellers.running();
      if (Clock::now() < next) continue;
      print_progress(start, report(), feed.counts());
      next += kTellEvery;
    }
    if (film) film->finish();
    // What was sent is still on its way to the page and the browsers.
    wait_for([&] { return show.ended() || all_shown(feed.counts()); }, stop_, 20s);
    feed.show_also({});
    show.finish();
    if (film) film->throw_failure();
    show.throw_failure();
  }

  bool finish(const Feed& feed, int restarts) const {
    const CaptureReport sent = report();
    const FeedCounts counts = feed.counts();
    print_report(sent, counts, restarts);
    if (!stop_.stop_requested()) return check(sent, counts);
    if (!capture_ || options_.capture.source.loop || capture_->drops()) return counts.page.not_stored == 0;
    std::fprintf(stderr, "image_messaging: stopped before the end\n");
    return false;
  }

  [[nodiscard]] CaptureReport report() const { return capture_ ? capture_->report() : CaptureReport(); }
  [[nodiscard]] bool all_shown(const FeedCounts& counts) const {
    return counts.join.frames >= report().sent && counts.waiting == 0 && counts.page.feed.waiting == 0;
  }

  const DemoOptions options_;
  const std::stop_token stop_;
  const std::filesystem::path log_path_;
  support::ConfigFor capture_config_;
  std::optional<Capture> capture_;
};

}  // namespace

bool run_demo(const DemoOptions& options, const std::stop_token& stop) { return Demo(options, stop).run(); }

}  // namespace image_messaging
