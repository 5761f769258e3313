#include "support/fake_producer_handle.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace conveyor::tests {

using kafka::ProducerRecord;

ProducerRecord::Ptr numbered_send(int id, DeliveryCallback done, const SendOptions& options, std::size_t bytes,
                                  std::string_view topic) {
  auto send = ProducerRecord::make(topic, options, std::max(bytes, sizeof id), {}, std::move(done));
  std::memcpy(send->value(), &id, sizeof id);
  return send;
}

int number_of(ProducerRecord& send) {
  int id = 0;
  std::memcpy(&id, send.value(), sizeof id);
  return id;
}

std::unique_ptr<kafka::ProducerHandle> FakeCluster::make() {
  if (make_failures > 0) {
    --make_failures;
    throw std::runtime_error("no client today");
  }
  auto handle = std::make_unique<FakeProducerHandle>(*this);
  clients.push_back(handle.get());
  if (on_make) on_make(*handle);
  return handle;
}

FakeProducerHandle::~FakeProducerHandle() {
  std::ranges::replace(cluster_.clients, this, static_cast<FakeProducerHandle*>(nullptr));
}

std::vector<int> FakeProducerHandle::has() const {
  std::vector<int> ids;
  for (const Accepted& one : has_) ids.push_back(number_of(*one.send));
  return ids;
}

std::int32_t FakeProducerHandle::partition_of(int id) const {
  for (const Accepted& one : has_) {
    if (number_of(*one.send) == id) return one.send->partition();
  }
  throw std::logic_error("the client does not have send " + std::to_string(id));
}

FakeProducerHandle::Accepted FakeProducerHandle::take(int id) {
  const auto found = std::ranges::find_if(has_, [&](const Accepted& one) { return number_of(*one.send) == id; });
  if (found == has_.end()) throw std::logic_error("the client does not have send " + std::to_string(id));
  const Accepted taken = *found;
  has_.erase(found);
  return taken;
}

void FakeProducerHandle::store(int id) { cluster_.stored.push_back(id); }

void FakeProducerHandle::acknowledge(int id) { report({.send = take(id).send, .offset = 100 + id, .partition = 0}); }

void FakeProducerHandle::refuse(int id, rd_kafka_resp_err_t error) {
  report({.send = take(id).send, .partition = 0, .error = error});
}

void FakeProducerHandle::deliver(int id) {
  store(id);
  acknowledge(id);
}

void FakeProducerHandle::deliver_all() {
  for (const int id : has()) deliver(id);
}

void FakeProducerHandle::give_back(int id, rd_kafka_resp_err_t error, bool possibly_stored) {
  report({.send = take(id).send, .partition = 3, .error = error, .possibly_stored = possibly_stored});
}

void FakeProducerHandle::put_on_its_way(int id) {
  for (Accepted& one : has_) one.on_its_way = one.on_its_way || number_of(*one.send) == id;
}

bool FakeProducerHandle::fail(rd_kafka_resp_err_t error) {
  if (fatal_ != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  fatal_ = error;
  return true;
}

rd_kafka_topic_t* FakeProducerHandle::open_topic(std::string_view channel) {
  opened.emplace_back(channel);
  return channel.starts_with('!') ? nullptr : reinterpret_cast<rd_kafka_topic_t*>(this);
}

rd_kafka_resp_err_t FakeProducerHandle::produce(ProducerRecord& send, rd_kafka_topic_t* /*topic*/) {
  if (on_produce) on_produce();
  if (fatal_ != RD_KAFKA_RESP_ERR_NO_ERROR) return RD_KAFKA_RESP_ERR__FATAL;
  rd_kafka_resp_err_t answer = refuse_all;
  if (!answers.empty()) {
    answer = answers.front();
    answers.pop_front();
  }
  if (answer == RD_KAFKA_RESP_ERR_NO_ERROR) has_.push_back({&send});
  return answer;
}

void FakeProducerHandle::flush(std::chrono::milliseconds /*within*/) {
  ++flushes;
  if (on_flush) on_flush();
}

void FakeProducerHandle::poll(std::chrono::milliseconds within, std::vector<kafka::SendReport>& reports) {
  last_poll = within;
  reports.insert(reports.end(), reports_.begin(), reports_.end());
  reports_.clear();
}

void FakeProducerHandle::ask_back(bool everything) {
  ++(everything ? asked_for_all : asked_for_unsent);
  if (!gives_back) return;
  const auto has = std::exchange(has_, {});
  for (const Accepted& one : has) {
    if (!one.on_its_way) {
      report({.send = one.send, .error = RD_KAFKA_RESP_ERR__PURGE_QUEUE});
    } else if (everything) {
      report({.send = one.send, .partition = 0, .error = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, .possibly_stored = true});
    } else {
      has_.push_back(one);
    }
  }
}

void FakeProducerHandle::begin_destroy(std::shared_ptr<void> keep) {
  ++cluster_.begun_to_destroy;
  kept = std::move(keep);
  gone_ = cluster_.destroys_at_once;
}

bool FakeProducerHandle::wait_until_gone(std::chrono::milliseconds /*within*/) { return gone_; }

kafka::TopicAnswer FakeProducerHandle::ask_topic(const std::string& /*topic*/, std::chrono::milliseconds /*within*/) {
  return topic_answer;
}

void FakeProducerHandle::wait_until_connected(std::chrono::milliseconds /*within*/) {}

}  // namespace conveyor::tests
