#ifndef CONVEYOR_SRC_CODEC_HEADER_LIST_H_
#define CONVEYOR_SRC_CODEC_HEADER_LIST_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "conveyor/message.h"

namespace conveyor::codec {

using detail::HeaderView;

/// The headers of one send. Up to kFew of them need no heap: all of ours and a few of the caller's.
class HeaderList {
 public:
  HeaderList() noexcept {}  // NOLINT(modernize-use-equals-default): the union's member is not initialised
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void add(HeaderView header) {
    if (count_ < kFew) {
      std::construct_at(few_ + count_++, header);
      return;
    }
    if (many_.empty()) many_.assign(few_, few_ + kFew);
    many_.push_back(header);
  }
  void add(std::string_view name, std::string_view value) { add({name, value}); }
  [[nodiscard]] std::span<const HeaderView> all() const noexcept {
    return many_.empty() ? std::span<const HeaderView>(few_, count_) : std::span<const HeaderView>(many_);
  }

 private:
  static constexpr std::size_t kFew = 16;
  static_assert(std::is_trivially_destructible_v<HeaderView>);

  std::size_t count_ = 0;         // of the few
  std::vector<HeaderView> many_;  // all of them, once they are many
  union {
    HeaderView few_[kFew];  // written before they are read
  };
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_HEADER_LIST_H_
