#include "transactions/refused_outputs.h"

#include <map>
#include <optional>
#include <utility>

namespace conveyor::worker {

std::vector<RefusedInput> refused_inputs(const FinishedInputs& batch,
                                         std::span<const kafka::TransactionalProducer::Failed> failed) {
  std::map<const kafka::ProducerRecord*, const kafka::TransactionalProducer::Failed*> by_send;
  for (const auto& each : failed) by_send.emplace(each.send, &each);
  std::vector<RefusedInput> refused;
  for (const auto& input : batch) {
    for (const auto& send : *input.outputs) {
      const auto why = by_send.find(send.get());
      if (why == by_send.end()) continue;
      refused.push_back(
          {input.task.incoming.partition, input.task.incoming.offset, why->second->code, why->second->text});
      break;
    }
  }
  return refused;
}

bool hand_back_refused(const TransactionContext& context, FinishedInputs& batch) {
  const auto failed = context.client->take_failed();
  if (failed.empty()) return false;
  std::vector<std::pair<Task, RefusedInput>> to_be_handled;
  {
    const MutexLock lock{context.state.mutex};
    auto& batcher = context.state.batcher;
    const bool alone = batch.size() == 1;
    if (!alone) batcher.halve(batch.size());
    context.state.leave_out_released(batch);
    auto refused = alone ? refused_inputs(batch, failed) : std::vector<RefusedInput>();
    batcher.put_back(std::exchange(batch, {}));
    for (auto& each : refused) {
      if (auto task = batcher.reopen(*each.partition, each.offset)) {
        to_be_handled.emplace_back(*std::move(task), std::move(each));
      }
    }
  }
  for (auto& [task, why] : to_be_handled) context.listener.output_failed(std::move(task), why.code, why.text);
  return true;
}

}  // namespace conveyor::worker
