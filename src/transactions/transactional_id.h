#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_

#include <string>
#include <string_view>

namespace conveyor::worker {

/// No two different triples have the same: only an instance may not hold '-' as it is. It stays the same through
/// versions, or an earlier life of another version would not be fenced.
[[nodiscard]] std::string transactional_id(std::string_view topic_prefix, std::string_view group,
                                           std::string_view instance);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONAL_ID_H_
