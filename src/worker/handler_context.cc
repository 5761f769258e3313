#include "worker/handler_context.h"

#include <optional>
#include <utility>

#include "worker/output_failure.h"

namespace conveyor {

Context::~Context() = default;

namespace worker {
namespace {

void resolved(Completion& completion, const Delivery& delivery) {
  if (!delivery.error) return completion.arrive();
  completion.arrive(output_failure(delivery.error, delivery.error_text));
}

}  // namespace

HandlerContext::HandlerContext(Run& run, std::shared_ptr<InputCompletion> completion, const Record& record,
                               codec::Trace trace)
    : run_(run),
      completion_(std::move(completion)),
      key_(record.key),
      trace_(std::move(trace)),
      attempt_(completion_->task().attempt + completion_->task().holds),
      stop_(completion_->task().incoming.partition->gone.get_token()) {}

void HandlerContext::send_erased(std::string_view topic, const ChannelOptions& channel,
                                 const google::protobuf::Message& message, const detail::StampTarget& stamp,
                                 const SendOptions& options) {
  std::optional<SendOptions> with_key;
  if (key_ && !options.key.has_value()) with_key.emplace(options).key = key_;
  const SendOptions& to = with_key ? *with_key : options;
  if (run_.transacts()) {
    auto encoded = run_.encoder().encode(topic, channel, message, stamp, to, &trace_, {});
    if (encoded.refusal) throw Error(encoded.refusal->code, encoded.refusal->text);
    return completion_->keep(std::move(encoded.send));
  }
  completion_->expect();
  std::optional<kafka::Refusal> refusal;
  try {
    refusal = run_.producer().send(topic, channel, message, stamp, to, &trace_,
                                   [&run = run_, completion = completion_](const Delivery& delivery) {
                                     run.guarded([&] { resolved(*completion, delivery); });
                                   });
  } catch (...) {
    completion_->arrive();
    throw;
  }
  if (!refusal) return;
  completion_->record_refusal(output_failure(refusal->code, refusal->text));
  completion_->arrive();
  throw Error(refusal->code, refusal->text);
}

}  // namespace worker
}  // namespace conveyor
