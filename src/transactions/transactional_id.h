#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_

#include <string>
#include <string_view>

namespace conveyor::worker {

/// The transactional id of an instance. No two different triples have the same id, because a literal '-' may occur only
/// in an instance. The format must never change: otherwise a new version would not fence an instance of an older one.
[[nodiscard]] std::string transactional_id(std::string_view topic_prefix, std::string_view group,
                                           std::string_view instance);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_
