#ifndef CONVEYOR_TESTS_QUALITY_FUZZ_INPUT_H_
#define CONVEYOR_TESTS_QUALITY_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace conveyor::fuzz {

/// Larger pictures are left out where decoding them would only take time: the limits are tested elsewhere.
inline constexpr std::int64_t kMostPixels = 1 << 18;

/// Reads numbers off the front of an input.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  int byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  int word() {
    const int low = byte();
    return low | byte() << 8;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// A property that must hold of every input: libFuzzer keeps the one for which it did not.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace conveyor::fuzz

#endif  // CONVEYOR_TESTS_QUALITY_FUZZ_INPUT_H_
