#ifndef CONVEYOR_EXPORT_H_
#define CONVEYOR_EXPORT_H_

/// Marks what the shared libraries export. Everything else in them is hidden.
#define CONVEYOR_EXPORT __attribute__((visibility("default")))

#endif  // CONVEYOR_EXPORT_H_
