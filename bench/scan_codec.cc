// scan_codec FILE...: what delta_split gains on the 16 bit slices of DICOM files, in one thread:
// name<TAB>value<TAB>unit.
//
// Three ways to carry the same pixels, measured in turn in each of the rounds, of whose times the medians are compared:
//   zlib   raw bytes, zlib at level 6: what Python's zlib.compress does
//   plain  raw bytes, our codec (libdeflate) at its own level
//   scan   delta_split, our codec at its own level
// Speeds count raw bytes. The codec's Adler-32 checksums are part of it, memory allocation is not.

#include <zlib.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "codec/deflate.h"
#include "conveyor/dicom/decode.h"
#include "conveyor/error.h"
#include "conveyor/vision/delta_split.h"
#include "measure.h"

namespace {

using conveyor::bench::median;
using conveyor::bench::print;
using conveyor::codec::Scratch;

constexpr int kRounds = 9;
constexpr int kLevel = 1;  // of our codec
constexpr std::size_t kLimit = std::size_t{1} << 30;

std::string_view deflate(std::string_view bytes, Scratch& packed) {
  const std::size_t bound = conveyor::codec::deflate_bound(bytes.size(), kLevel);
  char* out = packed.reserve(bound);
  return {out, conveyor::codec::deflate(bytes, kLevel, out, bound)};
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "scan_codec: %s\n", why.c_str());
  std::exit(1);
}

std::string read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Slice {
  cv::Mat pixels = {};
  std::string raw = {};
};

/// Pixels as the file stores them: what signed ones were raised by is taken off again.
std::vector<Slice> slices_of(int count, char** paths) {
  std::vector<Slice> slices;
  for (int i = 0; i < count; ++i) {
    cv::Mat buffer;
    const std::string bytes = read(paths[i]);
    const conveyor::dicom::File file{bytes};
    const conveyor::vision::DecodedImage image = file.frame(0, buffer);
    if (image.pixels.type() != CV_16UC1) continue;
    Slice slice;
    image.pixels.convertTo(slice.pixels, CV_16UC1, 1, image.intercept / image.slope);
    slice.raw.assign(slice.pixels.ptr<char>(), slice.pixels.total() * slice.pixels.elemSize());
    slices.push_back(slice);
  }
  if (slices.empty()) fail("no 16 bit gray slices among the files");
  return slices;
}

/// One way to carry a slice. What it packs is kept, to be unpacked and compared.
class Way {
 public:
  virtual ~Way() = default;
  virtual std::string_view pack(const Slice& slice) = 0;
  /// Gives back the raw pixels.
  virtual std::string_view unpack(std::string_view packed, const Slice& slice) = 0;
};

class Zlib final : public Way {
 public:
  std::string_view pack(const Slice& slice) override {
    packed_.resize(compressBound(slice.raw.size()));
    uLongf size = packed_.size();
    if (compress2(reinterpret_cast<Bytef*>(packed_.data()), &size, reinterpret_cast<const Bytef*>(slice.raw.data()),
                  slice.raw.size(), 6) != Z_OK) {
      fail("zlib cannot compress");
    }
    return std::string_view(packed_).substr(0, size);
  }
  std::string_view unpack(std::string_view packed, const Slice& slice) override {
    unpacked_.resize(slice.raw.size());
    uLongf size = unpacked_.size();
    if (uncompress(reinterpret_cast<Bytef*>(unpacked_.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                   packed.size()) != Z_OK) {
      fail("zlib cannot decompress");
    }
    return std::string_view(unpacked_).substr(0, size);
  }

 private:
  std::string packed_;
  std::string unpacked_;
};

class Plain final : public Way {
 public:
  std::string_view pack(const Slice& slice) override { return deflate(slice.raw, packed_); }
  std::string_view unpack(std::string_view packed, const Slice&) override {
    const auto inflated = conveyor::codec::inflate(packed, kLimit, 0, unpacked_);
    if (inflated.error) fail("our codec cannot decompress");
    return inflated.bytes;
  }

 private:
  Scratch packed_;
  Scratch unpacked_;
};

class Scan final : public Way {
 public:
  std::string_view pack(const Slice& slice) override {
    conveyor::vision::encode_delta_split(slice.pixels, split_);
    return deflate(split_, packed_);
  }
  std::string_view unpack(std::string_view packed, const Slice& slice) override {
    const auto inflated = conveyor::codec::inflate(packed, kLimit, 0, unpacked_);
    if (inflated.error) fail("our codec cannot decompress");
    pixels_.create(slice.pixels.size(), slice.pixels.type());
    conveyor::vision::decode_delta_split(inflated.bytes, pixels_);
    return {pixels_.ptr<char>(), pixels_.total() * pixels_.elemSize()};
  }

 private:
  std::string split_;
  Scratch packed_;
  Scratch unpacked_;
  cv::Mat pixels_;
};

struct Measured {
  const char* name;
  Way& way;
  double bytes = 0;  ///< packed, of all slices
  std::vector<double> pack_seconds = {};
  std::vector<double> unpack_seconds = {};
};

/// Of this thread's time on the processor, so that what else runs disturbs little.
double seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void measure(Measured& measured, const std::vector<Slice>& slices) {
  std::vector<std::string> packed(slices.size());
  double pack = 0;
  double unpack = 0;
  measured.bytes = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double begin = seconds();
    const std::string_view bytes = measured.way.pack(slices[i]);
    pack += seconds() - begin;
    packed[i] = bytes;
    measured.bytes += static_cast<double>(bytes.size());
  }
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double begin = seconds();
    const std::string_view raw = measured.way.unpack(packed[i], slices[i]);
    unpack += seconds() - begin;
    if (raw != slices[i].raw) fail(std::string(measured.name) + " does not give the pixels back");
  }
  measured.pack_seconds.push_back(pack);
  measured.unpack_seconds.push_back(unpack);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 2) fail("name DICOM files: scan_codec brain_*.dcm");
  const std::vector<Slice> slices = slices_of(count - 1, arguments + 1);
  double raw = 0;
  for (const Slice& slice : slices) raw += static_cast<double>(slice.raw.size());

  Zlib zlib;
  Plain plain;
  Scan scan;
  std::array<Measured, 3> all{{{"zlib", zlib}, {"plain", plain}, {"scan", scan}}};
  for (int round = 0; round < kRounds; ++round) {
    for (Measured& one : all) measure(one, slices);
  }
  print("scan_slices", static_cast<double>(slices.size()), "slices");
  for (const Measured& one : all) {
    const std::string name = std::string("scan_") + one.name;
    print(name + "_ratio", raw / one.bytes, "raw/packed");
    print(name + "_compress", raw / 1e6 / median(one.pack_seconds), "MB/s");
    print(name + "_decompress", raw / 1e6 / median(one.unpack_seconds), "MB/s");
  }
  const Measured& ours = all[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const Measured& other = all[i];
    const char* const against = i == 0 ? "" : "_over_plain";
    print(std::string("scan_compress_speedup") + against, median(other.pack_seconds) / median(ours.pack_seconds), "x");
    print(std::string("scan_decompress_speedup") + against, median(other.unpack_seconds) / median(ours.unpack_seconds),
          "x");
    print(std::string("scan_size_ratio") + against, ours.bytes / other.bytes, "packed/packed");
  }
  return 0;
} catch (const conveyor::Error& error) {
  fail(error.what());
}
