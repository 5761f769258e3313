// libdeflate and zlib against each other: each reads what the other writes, and both refuse the same. Streams made up
// to deceive are the fuzzer's (tests/quality/fuzz/zlib.cc).
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "codec/zlib_engine.h"
#include "support/any_engine.h"

namespace conveyor::codec {
namespace {

constexpr std::size_t kLimit = std::size_t{64} << 20;

struct NamedEngine {
  const char* name;
  AnyEngine engine;
};
const std::array<NamedEngine, 2> kEngines = {{{"libdeflate", LibdeflateEngine{}}, {"zlib", ZlibEngine{}}}};

std::string deflated(const AnyEngine& engine, std::string_view bytes, int level) {
  std::string stream(engine.deflate_bound(bytes.size()), '\0');
  stream.resize(engine.deflate(bytes, level, stream.data(), stream.size()));
  return stream;
}

std::string constant(std::size_t size) { return std::string(size, '\x5a'); }

std::string noise(std::size_t size) {
  std::mt19937 random{11};
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string ramp(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 2 == 0 ? i / 2 : i / 512);
  return bytes;
}

/// 128 little-endian pixels of 16 bits a row, six bits of noise in each.
std::string scan(std::size_t size) {
  std::mt19937 random{12};
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; i += 2) {
    const std::size_t column = i / 2 % 128;
    const std::size_t row = i / 256;
    const double shade = std::sin(static_cast<double>(column) / 40) * std::cos(static_cast<double>(row) / 40);
    const int pixel = 900 + static_cast<int>(600 * shade) + static_cast<int>(random() % 64);
    bytes[i] = static_cast<char>(pixel);
    if (i + 1 < size) bytes[i + 1] = static_cast<char>(pixel >> 8);
  }
  return bytes;
}

/// What both engines say, which must be the same.
std::optional<InflateError> verdict(std::string_view stream, std::size_t limit = kLimit) {
  Scratch scratch_of_libdeflate;
  Scratch scratch_of_zlib;
  const auto by_libdeflate = inflate_by(LibdeflateEngine{}, stream, limit, 0, scratch_of_libdeflate);
  const auto by_zlib = inflate_by(ZlibEngine{}, stream, limit, 0, scratch_of_zlib);
  EXPECT_EQ(by_libdeflate.error, by_zlib.error);
  EXPECT_EQ(by_libdeflate.bytes, by_zlib.bytes);
  return by_zlib.error;
}

/// Streams of stored, of fixed and of dynamic blocks, by both engines.
std::vector<std::string> small_streams() {
  std::vector<std::string> streams;
  for (const auto& [name, engine] : kEngines) {
    streams.push_back(deflated(engine, noise(600), 1));
    streams.push_back(deflated(engine, "hello hello", 6));
    streams.push_back(deflated(engine, scan(600), 9));
    streams.push_back(deflated(engine, constant(600), 6));
  }
  return streams;
}

class ZlibEngines : public testing::TestWithParam<int> {};

TEST_P(ZlibEngines, ReadEachOthersStreams) {
  const int level = GetParam();
  std::vector<std::string> contents;
  for (const std::size_t size : {0U, 1U, 100U, 4'096U, 65'535U, 65'536U, 65'537U, 1U << 20}) {
    for (const auto make : {constant, noise, ramp, scan}) contents.push_back(make(size));
  }
  Scratch scratch;
  for (const std::string& content : contents) {
    for (const auto& [writer, writing] : kEngines) {
      const std::string stream = deflated(writing, content, level);
      ASSERT_GT(stream.size(), 0U) << writer << ' ' << content.size();
      for (const auto& [reader, reading] : kEngines) {
        const auto read = inflate_by(reading, stream, kLimit, content.size(), scratch);
        ASSERT_FALSE(read.error) << writer << " to " << reader << ' ' << content.size();
        ASSERT_TRUE(read.bytes == content) << writer << " to " << reader << ' ' << content.size();
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, ZlibEngines, testing::Range(1, 13), testing::PrintToStringParamName());

TEST(ZlibEngines, RefuseAllTruncationsAlike) {
  for (const std::string& stream : small_streams()) {
    for (std::size_t size = 0; size < stream.size(); ++size) {
      ASSERT_EQ(verdict(std::string_view(stream).substr(0, size)), InflateError::kCorrupt) << size;
    }
  }
}

TEST(ZlibEngines, ReadNothingWrongWhicheverBitIsChanged) {
  Scratch scratch;
  int refused = 0;
  for (const std::string& stream : small_streams()) {
    const std::string content(inflate_by(ZlibEngine{}, stream, kLimit, 0, scratch).bytes);
    for (std::size_t bit = 0; bit < stream.size() * 8; ++bit) {
      std::string changed = stream;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      // In a code of one symbol libdeflate does not look at the bit, so that nothing is wrong to it.
      const auto by_libdeflate = inflate_by(LibdeflateEngine{}, changed, kLimit, 0, scratch);
      ASSERT_TRUE(by_libdeflate.error == InflateError::kCorrupt || by_libdeflate.bytes == content) << bit;
      const auto by_zlib = inflate_by(ZlibEngine{}, changed, kLimit, 0, scratch);
      ASSERT_TRUE(by_zlib.error == InflateError::kCorrupt || by_zlib.bytes == content) << bit;
      ASSERT_TRUE(by_zlib.error || !by_libdeflate.error) << bit;
      if (by_zlib.error && by_libdeflate.error) ++refused;
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(ZlibEngines, RefuseTrailingBytesAlike) {
  for (const std::string& stream : small_streams()) {
    EXPECT_EQ(verdict(stream), std::nullopt);
    EXPECT_EQ(verdict(stream + '\0'), InflateError::kTrailing);
    EXPECT_EQ(verdict(stream + stream), InflateError::kTrailing);
  }
}

TEST(ZlibEngines, StopAtTheSameByte) {
  for (const std::size_t size : {1U, 100U, 65'537U, 1U << 20}) {
    for (const auto make : {constant, noise, ramp, scan}) {
      const std::string content = make(size);
      for (const auto& [name, engine] : kEngines) {
        const std::string stream = deflated(engine, content, 6);
        EXPECT_EQ(verdict(stream, size), std::nullopt) << name << ' ' << size;
        EXPECT_EQ(verdict(stream, size - 1), InflateError::kTooLarge) << name << ' ' << size;
      }
    }
  }
}

TEST(ZlibEngines, RefuseWhatIsNoZlibStreamAlike) {
  const std::string stream = deflated(ZlibEngine{}, "hello", 6);
  const auto with_header = [&](unsigned char method, unsigned char flags) {
    std::string changed = stream;
    changed[0] = static_cast<char>(method);
    changed[1] = static_cast<char>(flags + (31 - (method * 256 + flags) % 31) % 31);
    return changed;
  };
  EXPECT_EQ(verdict(with_header(0x78, 0)), std::nullopt);
  EXPECT_EQ(verdict(with_header(0x08, 0)), std::nullopt);               // a window of 256 bytes
  EXPECT_EQ(verdict(with_header(0x79, 0)), InflateError::kCorrupt);     // another method
  EXPECT_EQ(verdict(with_header(0x88, 0)), InflateError::kCorrupt);     // a window of 64 KiB
  EXPECT_EQ(verdict(with_header(0x78, 0x20)), InflateError::kCorrupt);  // a preset dictionary
  EXPECT_EQ(verdict(stream.substr(2)), InflateError::kCorrupt);         // a raw deflate stream
  EXPECT_EQ(verdict(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + stream.substr(2)),
            InflateError::kCorrupt);  // gzip
  EXPECT_EQ(verdict(""), InflateError::kCorrupt);
}

TEST(ZlibEngines, WriteNothingIntoTooLittleRoom) {
  const std::string content = noise(5'000);
  for (const auto& [name, engine] : kEngines) {
    std::string room(engine.deflate_bound(content.size()), '\0');
    const std::size_t size = engine.deflate(content, 1, room.data(), room.size());
    EXPECT_EQ(engine.deflate(content, 1, room.data(), size - 1), 0U) << name;
    EXPECT_EQ(engine.deflate(content, 1, room.data(), 0), 0U) << name;
    EXPECT_EQ(engine.deflate(content, 1, room.data(), room.size()), size) << name;  // what failed left nothing behind
  }
}

TEST(ZlibEngines, ServeThreadsAtOnce) {
  for (const auto& [name, engine] : kEngines) {
    std::vector<std::thread> threads;
    for (int level = 1; level <= 4; ++level) {
      threads.emplace_back([&engine = engine, name = name, level] {
        const std::string content = scan(static_cast<std::size_t>(level) * 5'000);
        Scratch scratch;
        for (int round = 0; round < 20; ++round) {
          const std::string stream = deflated(engine, content, 1 + (level + round) % 3);
          ASSERT_EQ(inflate_by(engine, stream, kLimit, 0, scratch).bytes, content) << name;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(ZlibEngines, LeaveWhatFollowsARawStream) {
  for (const std::string& stream : small_streams()) {
    const std::string_view raw = std::string_view(stream).substr(2);  // with the checksum, which is no part of it
    std::string room(1'000, '\0');
    for (const auto& [name, engine] : kEngines) {
      const auto attempt = engine.inflate(Wrapping::kNone, raw, room.data(), room.size());
      EXPECT_EQ(attempt.end, InflateAttempt::End::kWhole) << name;
      EXPECT_EQ(attempt.used, raw.size() - 4) << name;
    }
  }
}

}  // namespace
}  // namespace conveyor::codec
