#include "codec/trace.h"

#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <system_error>

#include "base/forks.h"

namespace conveyor::codec {
namespace {

constexpr auto kIsDigit = [] {
  std::array<bool, 256> is_digit{};
  for (const unsigned char digit : std::string_view("0123456789abcdef")) is_digit[digit] = true;
  return is_digit;
}();

// No early exit: nearly every text is hex, and a loop without exits is faster.
bool is_hex(std::string_view text) noexcept {
  bool hex = true;
  for (const unsigned char c : text) hex &= kIsDigit[c];
  return hex;
}
bool is_zero(std::string_view text) noexcept {
  bool zero = true;
  for (const char c : text) zero &= c == '0';
  return zero;
}

// Ids must never repeat, not even between a process and its child after fork(), but they are no secrets. So the kernel's
// generator only seeds this one: to call it for each id would cost a third of a small send.
class RandomWords {
 public:
  std::uint64_t next() {
    if (seeded_after_ != forks_.load(std::memory_order_relaxed)) seed();
    return engine_();
  }

 private:
  void seed() {
    const unsigned after = forks_.load(std::memory_order_relaxed);
    std::array<std::uint32_t, 16> words{};
    // For up to 256 bytes the kernel returns all of them or an error.
    while (getrandom(words.data(), sizeof words, 0) < 0) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    std::seed_seq seeds(words.begin(), words.end());
    engine_.seed(seeds);
    seeded_after_ = after;
  }

  const std::atomic<unsigned>& forks_ = forks();
  std::optional<unsigned> seeded_after_;  // none: not yet
  std::mt19937_64 engine_;
};

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
  static_assert(N % sizeof(std::uint64_t) == 0);
  thread_local RandomWords source;
  std::array<std::uint64_t, N / sizeof(std::uint64_t)> words;
  for (auto& word : words) word = source.next();
  return std::bit_cast<std::array<unsigned char, N>>(words);
}

// The two digits of every byte, one after the other.
constexpr auto kDigits = [] {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<char, 512> digits{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    digits[2 * byte] = kHex[byte >> 4];
    digits[2 * byte + 1] = kHex[byte & 15];
  }
  return digits;
}();

/// @return the end of what was written
char* write_hex(char* out, std::span<const unsigned char> bytes) {
  for (const unsigned char byte : bytes) out = std::copy_n(&kDigits[std::size_t{2} * byte], 2, out);
  return out;
}

}  // namespace

bool is_trace_id(std::string_view text) noexcept { return text.size() == 32 && is_hex(text) && !is_zero(text); }

Text<32> new_trace_id() {
  auto bytes = random_bytes<16>();
  bytes[0] |= 1;  // never all zero
  Text<32> id;
  write_hex(id.characters.data(), bytes);
  return id;
}

Text<36> new_uuid() {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // the RFC's variant
  const std::span<const unsigned char> all{bytes};
  Text<36> uuid;
  char* out = write_hex(uuid.characters.data(), all.first(4));
  std::size_t at = 4;
  for (const std::size_t length : {2U, 2U, 2U, 6U}) {
    *out++ = '-';
    out = write_hex(out, all.subspan(at, length));
    at += length;
  }
  return uuid;
}

std::optional<Trace> parse_traceparent(std::string_view header) {
  // version "-" trace-id "-" parent-id "-" flags; later versions may append "-" and more.
  constexpr std::size_t kLength = 55;
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') return {};
  const auto version = header.substr(0, 2);
  const auto id = header.substr(3, 32);
  const auto parent = header.substr(36, 16);
  const auto flags = header.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_trace_id(id)) return {};
  if (!is_hex(parent) || is_zero(parent) || !is_hex(flags)) return {};
  if (version == "00" && header.size() != kLength) return {};
  if (header.size() > kLength && header[kLength] != '-') return {};
  constexpr unsigned kKnownFlags = 0x3;  // the two lowest, which are in the last digit
  const unsigned last =
      flags[1] <= '9' ? static_cast<unsigned>(flags[1] - '0') : static_cast<unsigned>(flags[1] - 'a') + 10;
  return Trace{.id = Text<32>::of(id),
               .parent = Text<16>::of(parent),
               .flags = {'0', static_cast<char>('0' + (last & kKnownFlags))}};
}

Text<55> make_traceparent(std::string_view trace_id, const std::array<char, 2>& flags) {
  auto span = random_bytes<8>();
  span[0] |= 1;  // never all zero
  Text<55> header;
  char* out = std::copy_n("00-", 3, header.characters.data());
  out = std::copy_n(trace_id.data(), 32, out);
  *out++ = '-';
  out = write_hex(out, span);
  *out++ = '-';
  std::ranges::copy(flags, out);
  return header;
}

}  // namespace conveyor::codec
