#include "conveyor/vision/delta_split.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "vision/image/image_shape.h"

// All loops run over blocks of a constant length, which g++ -O2 turns into vector instructions. The rest of a row goes
// through the same code, padded to a block.

namespace conveyor::vision {
namespace {

constexpr std::size_t kBlock = 64;  // samples; a multiple of the lanes below

template <class T>
constexpr int kBits = 8 * static_cast<int>(sizeof(T));

/// Zigzag code: 0, -1, 1, -2, ... become 0, 1, 2, 3, ..., so that small differences have small bytes.
template <class T>
T zigzag(T difference) {
  const auto sign = static_cast<T>(-static_cast<T>(difference >> (kBits<T> - 1)));
  return static_cast<T>(static_cast<T>(difference << 1) ^ sign);
}
template <class T>
T unzigzag(T folded) {
  return static_cast<T>((folded >> 1) ^ static_cast<T>(-static_cast<T>(folded & 1)));
}

/// Where the bytes of an image's samples lie: the low ones, then the high ones if there are any.
template <class T, class Byte>
struct Planes {
  Byte* low;
  Byte* high;  // not used for 8 bit samples
};
template <class T, class Byte>
Planes<T, Byte> planes_of(Byte* bytes, std::size_t samples) {
  return {bytes, bytes + (sizeof(T) == 2 ? samples : 0)};
}

template <class T>
void split_block(const T* __restrict samples, std::uint8_t* __restrict low, std::uint8_t* __restrict high) {
  for (std::size_t i = 0; i < kBlock; ++i) low[i] = static_cast<std::uint8_t>(samples[i]);
  if constexpr (sizeof(T) == 2) {
    for (std::size_t i = 0; i < kBlock; ++i) high[i] = static_cast<std::uint8_t>(samples[i] >> 8);
  }
}
template <class T>
void join_block(const std::uint8_t* __restrict low, const std::uint8_t* __restrict high, T* __restrict samples) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    T folded = low[i];
    if constexpr (sizeof(T) == 2) folded = static_cast<T>(folded | high[i] << 8);
    samples[i] = unzigzag(folded);
  }
}

/// Differences of one block. Before the block's own samples, `steps` holds the last `lag` samples of the block before.
template <class T>
void difference_block(const T* __restrict row, const T* __restrict above, std::size_t lag, T* __restrict steps,
                      T* __restrict folded) {
  T* current = steps + lag;
  for (std::size_t i = 0; i < kBlock; ++i) current[i] = static_cast<T>(row[i] - above[i]);
  for (std::size_t i = 0; i < kBlock; ++i) folded[i] = zigzag(static_cast<T>(current[i] - steps[i]));
}

template <class T>
void encode_row(const T* row, const T* above, std::size_t samples, std::size_t lag,
                const Planes<T, std::uint8_t>& out) {
  std::array<T, kBlock + 4> steps{};
  std::array<T, kBlock> folded;
  std::size_t at = 0;
  for (; at + kBlock <= samples; at += kBlock) {
    difference_block(row + at, above + at, lag, steps.data(), folded.data());
    split_block(folded.data(), out.low + at, out.high + at);
    for (std::size_t i = 0; i < lag; ++i) steps[i] = steps[kBlock + i];
  }
  if (at == samples) return;
  std::array<T, kBlock> last_row{};
  std::array<T, kBlock> last_above{};
  std::array<std::uint8_t, kBlock> low;
  std::array<std::uint8_t, kBlock> high;
  const std::size_t rest = samples - at;
  std::memcpy(last_row.data(), row + at, rest * sizeof(T));
  std::memcpy(last_above.data(), above + at, rest * sizeof(T));
  difference_block(last_row.data(), last_above.data(), lag, steps.data(), folded.data());
  split_block(folded.data(), low.data(), high.data());
  std::memcpy(out.low + at, low.data(), rest);
  if constexpr (sizeof(T) == 2) std::memcpy(out.high + at, high.data(), rest);
}

/// Sixteen bytes of samples, in a vector register where the machine has them.
template <class T>
struct Lanes {
  static constexpr std::size_t kCount = 16 / sizeof(T);
  typedef T Vector __attribute__((vector_size(16)));

  /// Each lane's value moved `kBy` lanes up, zeros below.
  template <std::size_t kBy>
  static Vector up(Vector lanes) {
    return shuffle<kCount - kBy>(Vector{}, lanes, std::make_index_sequence<kCount>());
  }
  /// The last `kLag` lanes, again and again.
  template <std::size_t kLag>
  static Vector repeat_last(Vector lanes) {
    return repeat<kLag>(lanes, std::make_index_sequence<kCount>());
  }

 private:
  template <std::size_t kFirst, std::size_t... kLane>
  static Vector shuffle(Vector below, Vector lanes, std::index_sequence<kLane...>) {
    return __builtin_shufflevector(below, lanes, static_cast<int>(kFirst + kLane)...);
  }
  template <std::size_t kLag, std::size_t... kLane>
  static Vector repeat(Vector lanes, std::index_sequence<kLane...>) {
    return __builtin_shufflevector(lanes, lanes, static_cast<int>(kCount - kLag + kLane % kLag)...);
  }
};

/// Sums of every kLag-th lane up to each: by doubling distances, in log2(lanes) additions.
template <class T, std::size_t kLag, std::size_t kDistance = kLag>
typename Lanes<T>::Vector sums_within(typename Lanes<T>::Vector lanes) {
  if constexpr (kDistance < Lanes<T>::kCount) {
    return sums_within<T, kLag, 2 * kDistance>(lanes + Lanes<T>::template up<kDistance>(lanes));
  } else {
    return lanes;
  }
}

/// Adds up a block's differences along the row, and adds the row above. `carry` repeats the last kLag sums: it comes
/// from the block before and goes to the next.
template <class T, std::size_t kLag>
struct Sums {
  typename Lanes<T>::Vector carry = {};

  void block(const T* steps, const T* above, T* row) {
    for (std::size_t i = 0; i < kBlock; i += Lanes<T>::kCount) {
      typename Lanes<T>::Vector lanes;
      typename Lanes<T>::Vector up;
      std::memcpy(&lanes, steps + i, sizeof(lanes));
      std::memcpy(&up, above + i, sizeof(up));
      lanes = sums_within<T, kLag>(lanes) + carry;
      carry = Lanes<T>::template repeat_last<kLag>(lanes);
      lanes += up;
      std::memcpy(row + i, &lanes, sizeof(lanes));
    }
  }
};

/// Of three channels, which do not divide the number of lanes.
template <class T>
struct Sums<T, 3> {
  static_assert(kBlock % 3 == 1);
  std::array<T, 3> carry = {};

  void block(const T* steps, const T* above, T* row) {
    for (std::size_t i = 0; i + 1 < kBlock; i += 3) {
      for (std::size_t c = 0; c < 3; ++c) {
        carry[c] = static_cast<T>(carry[c] + steps[i + c]);
        row[i + c] = static_cast<T>(carry[c] + above[i + c]);
      }
    }
    // The block ends with the first channel, so that the next begins with the second.
    carry[0] = static_cast<T>(carry[0] + steps[kBlock - 1]);
    row[kBlock - 1] = static_cast<T>(carry[0] + above[kBlock - 1]);
    carry = {carry[1], carry[2], carry[0]};
  }
};

template <class T, std::size_t kLag>
void decode_row(const Planes<T, const std::uint8_t>& in, const T* above, std::size_t samples, T* row) {
  std::array<T, kBlock> steps;
  Sums<T, kLag> sums;
  std::size_t at = 0;
  for (; at + kBlock <= samples; at += kBlock) {
    join_block(in.low + at, in.high + at, steps.data());
    sums.block(steps.data(), above + at, row + at);
  }
  if (at == samples) return;
  std::array<std::uint8_t, kBlock> low{};
  std::array<std::uint8_t, kBlock> high{};
  std::array<T, kBlock> last_above{};
  std::array<T, kBlock> last_row;
  const std::size_t rest = samples - at;
  std::memcpy(low.data(), in.low + at, rest);
  if constexpr (sizeof(T) == 2) std::memcpy(high.data(), in.high + at, rest);
  std::memcpy(last_above.data(), above + at, rest * sizeof(T));
  join_block(low.data(), high.data(), steps.data());
  sums.block(steps.data(), last_above.data(), last_row.data());
  std::memcpy(row + at, last_row.data(), rest * sizeof(T));
}

std::size_t samples_in_row(const cv::Mat& pixels) {
  return static_cast<std::size_t>(pixels.cols) * static_cast<std::size_t>(pixels.channels());
}

/// The row above the first one: zeros.
template <class T>
const T* zeros(std::size_t samples) {
  thread_local std::vector<T> row;
  if (row.size() < samples) row.resize(samples);
  return row.data();
}

template <class T>
void encode(const cv::Mat& pixels, std::uint8_t* bytes) {
  const std::size_t samples = samples_in_row(pixels);
  auto out = planes_of<T>(bytes, samples * static_cast<std::size_t>(pixels.rows));
  const T* above = zeros<T>(samples);
  for (int y = 0; y < pixels.rows; ++y, out.low += samples, out.high += samples) {
    const T* row = pixels.ptr<T>(y);
    encode_row(row, above, samples, static_cast<std::size_t>(pixels.channels()), out);
    above = row;
  }
}

template <class T, std::size_t kLag>
void decode(const std::uint8_t* bytes, cv::Mat& pixels) {
  const std::size_t samples = samples_in_row(pixels);
  auto in = planes_of<T>(bytes, samples * static_cast<std::size_t>(pixels.rows));
  const T* above = zeros<T>(samples);
  for (int y = 0; y < pixels.rows; ++y, in.low += samples, in.high += samples) {
    T* row = pixels.ptr<T>(y);
    decode_row<T, kLag>(in, above, samples, row);
    above = row;
  }
}

template <class T>
void decode(const std::uint8_t* bytes, cv::Mat& pixels) {
  switch (pixels.channels()) {
    case 1:
      return decode<T, 1>(bytes, pixels);
    case 2:
      return decode<T, 2>(bytes, pixels);
    case 3:
      return decode<T, 3>(bytes, pixels);
    default:
      return decode<T, 4>(bytes, pixels);
  }
}

bool is_possible(const cv::Mat& pixels) {
  return pixels.dims == 2 && !pixels.empty() && pixels.channels() <= 4 &&
         (pixels.depth() == CV_8U || pixels.depth() == CV_16U);
}

}  // namespace

void encode_delta_split(const cv::Mat& pixels, std::string& bytes) {
  if (!is_possible(pixels)) {
    throw Error(errc::encode, fmt::format("pixels ({}) cannot be encoded as delta_split: 8 or 16 bit with 1 to 4 "
                                          "channels are needed",
                                          describe(pixels)));
  }
  bytes.resize(pixels.total() * pixels.elemSize());
  auto* out = reinterpret_cast<std::uint8_t*>(bytes.data());
  pixels.depth() == CV_8U ? encode<std::uint8_t>(pixels, out) : encode<std::uint16_t>(pixels, out);
}

void decode_delta_split(std::string_view bytes, cv::Mat& pixels) {
  if (!is_possible(pixels)) {
    throw DecodeError(
        fmt::format("delta_split has no pixels of {}: only 8 or 16 bit with 1 to 4 channels", describe(pixels)));
  }
  if (bytes.size() != pixels.total() * pixels.elemSize()) {
    throw DecodeError(
        fmt::format("it has {} bytes; {} are {}", bytes.size(), describe(pixels), pixels.total() * pixels.elemSize()));
  }
  const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  pixels.depth() == CV_8U ? decode<std::uint8_t>(in, pixels) : decode<std::uint16_t>(in, pixels);
}

}  // namespace conveyor::vision
