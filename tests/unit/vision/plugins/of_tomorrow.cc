// A library whose plugin is of an ABI that is not known yet.
#include <conveyor/vision/plugin_abi.h>

const conveyor_plugin* conveyor_plugin_table(void) {
  static const conveyor_plugin table = {.abi_major = CONVEYOR_PLUGIN_ABI_MAJOR + 1,
                                        .abi_minor = 3,
                                        .struct_size = 12,
                                        .load = nullptr,
                                        .card = nullptr,
                                        .create = nullptr,
                                        .input = nullptr,
                                        .classify = nullptr,
                                        .destroy = nullptr,
                                        .unload = nullptr};
  return &table;
}
