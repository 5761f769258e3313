#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/vision/steps.h"
#include "egg_scan/model/phantom.h"

// Writes phantoms for train.py: for each a byte that is 1 with a spot and 0 without, the slice (16 bit), and what the
// preprocess chain makes of it (float).

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: egg_write_phantoms SERIES COUNT CHAIN FILE\n";
    return 2;
  }
  try {
    const std::uint64_t series = std::stoull(argv[1]), count = std::stoull(argv[2]);
    const auto chain = conveyor::vision::built_in_steps().parse(argv[3]);
    std::ofstream file(argv[4], std::ios::binary);
    const auto write = [&](const cv::Mat& pixels) {
      for (int y = 0; y < pixels.rows; ++y) {
        file.write(reinterpret_cast<const char*>(pixels.ptr(y)),
                   static_cast<std::streamsize>(static_cast<std::size_t>(pixels.cols) * pixels.elemSize()));
      }
    };
    conveyor::vision::Scratch scratch;
    for (std::uint64_t number = 0; number < count; ++number) {
      const conveyor::egg::Phantom phantom = conveyor::egg::phantom(series, number);
      file.put(phantom.spot ? 1 : 0);
      write(phantom.slice);
      write(chain.run({.pixels = phantom.slice}, scratch).pixels);
    }
    if (!file.flush()) throw std::runtime_error("cannot write " + std::string(argv[4]));
  } catch (const std::exception& error) {
    std::cerr << "egg_write_phantoms: " << error.what() << '\n';
    return 1;
  }
}
