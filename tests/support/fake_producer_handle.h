#ifndef CONVEYOR_TESTS_SUPPORT_FAKE_PRODUCER_HANDLE_H_
#define CONVEYOR_TESTS_SUPPORT_FAKE_PRODUCER_HANDLE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/producer_handle.h"

namespace conveyor::tests {

class FakeProducerHandle;

/// A send whose value is its number.
[[nodiscard]] kafka::ProducerRecord::Ptr numbered_send(int id, DeliveryCallback done = {},
                                                       const SendOptions& options = {}, std::size_t bytes = sizeof(int),
                                                       std::string_view topic = "topic");
[[nodiscard]] int number_of(kafka::ProducerRecord& send);

/// Brokers, and the clients that were made for them.
class FakeCluster {
 public:
  /// @throws std::runtime_error while make_failures lasts
  [[nodiscard]] std::unique_ptr<kafka::ProducerHandle> make();

  int make_failures = 0;
  std::function<void(FakeProducerHandle&)> on_make;
  std::vector<int> stored = {};                   ///< the numbers of the records, in the order of their storage
  std::vector<FakeProducerHandle*> clients = {};  ///< as they were made; those that are destroyed are null
  int begun_to_destroy = 0;
  bool destroys_at_once = true;
};

/// A client that does what a test says: takes sends or refuses them, and reports about them when it is told to, in any
/// order or never.
class FakeProducerHandle final : public kafka::ProducerHandle {
 public:
  explicit FakeProducerHandle(FakeCluster& cluster) : cluster_(cluster) {}
  ~FakeProducerHandle() override;

  /// What the next calls of produce() answer; then refuse_all, or, with no error, it takes the send.
  std::deque<rd_kafka_resp_err_t> answers = {};
  rd_kafka_resp_err_t refuse_all = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool gives_back = true;  ///< when asked; else it hangs
  std::function<void()> on_produce;
  std::function<void()> on_flush;
  kafka::TopicAnswer topic_answer = {};

  /// Its accepted sends without a report.
  [[nodiscard]] std::vector<int> has() const;
  /// The partition with which it got the send.
  [[nodiscard]] std::int32_t partition_of(int id) const;
  /// The brokers have stored the record, and the client may or may not hear of it.
  void store(int id);
  /// The brokers' answers, as reports to be polled.
  void acknowledge(int id);
  void refuse(int id, rd_kafka_resp_err_t error);
  /// Stores and acknowledges, oldest first.
  void deliver_all();
  void deliver(int id);
  /// It gives up the send by itself. @param possibly_stored as it thinks
  void give_back(int id, rd_kafka_resp_err_t error, bool possibly_stored);
  /// The send is on its way: it is given back only when everything is asked for, as possibly stored.
  void put_on_its_way(int id);
  /// Fails for good and takes nothing more; what it has stays with it until it is asked.
  bool fail(rd_kafka_resp_err_t error) override;

  std::vector<std::string> opened = {};  ///< channels
  int asked_for_unsent = 0;
  int asked_for_all = 0;
  int flushes = 0;
  int ended_polls = 0;
  std::chrono::milliseconds last_poll{-1};
  std::shared_ptr<void> kept = {};  ///< with begin_destroy()

  rd_kafka_topic_t* open_topic(std::string_view channel) override;
  rd_kafka_resp_err_t produce(kafka::ProducerRecord& send, rd_kafka_topic_t* topic) override;
  void flush(std::chrono::milliseconds within) override;
  void poll(std::chrono::milliseconds within, std::vector<kafka::SendReport>& reports) override;
  void end_poll() override { ++ended_polls; }
  rd_kafka_resp_err_t fatal_error() const noexcept override { return fatal_; }
  std::string report_fatal() override { return "the client failed for good"; }
  void ask_back(bool everything) override;
  void begin_destroy(std::shared_ptr<void> keep) override;
  bool is_gone() override { return gone_; }
  bool wait_until_gone(std::chrono::milliseconds within) override;
  kafka::TopicAnswer ask_topic(const std::string& topic, std::chrono::milliseconds within) override;
  void wait_until_connected(std::chrono::milliseconds within) override;

 private:
  struct Accepted {
    kafka::ProducerRecord* send = nullptr;
    bool on_its_way = false;
  };
  [[nodiscard]] Accepted take(int id);
  void report(const kafka::SendReport& report) { reports_.push_back(report); }

  FakeCluster& cluster_;
  std::vector<Accepted> has_;
  std::vector<kafka::SendReport> reports_;
  rd_kafka_resp_err_t fatal_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool gone_ = false;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_FAKE_PRODUCER_HANDLE_H_
