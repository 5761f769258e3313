#ifndef CONVEYOR_EXPORT_H_
#define CONVEYOR_EXPORT_H_

/// Marks what the shared library offers; everything else in it is hidden.
#define CONVEYOR_EXPORT __attribute__((visibility("default")))

#endif  // CONVEYOR_EXPORT_H_
