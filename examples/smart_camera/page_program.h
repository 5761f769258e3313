#ifndef SMART_CAMERA_PAGE_PROGRAM_H_
#define SMART_CAMERA_PAGE_PROGRAM_H_

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "channels.h"

namespace smart_camera {

struct PageOptions {
  std::uint16_t port = 0;             ///< 0: any free one
  std::filesystem::path out = "out";  ///< pictures are stored in its folder `store`
  int steady = 3;                     ///< of SteadyCount
};

/// The page as a program of its own: shows the cameras and alerts that travel through the cluster from now on, and
/// stores pictures. Prints the page's address. Returns when the stop is requested. Any number of them may run, each
/// with its own folder. @throws Error, std::exception
void run_page(const ConfigFor& config_for, const PageOptions& options, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_PAGE_PROGRAM_H_
