#ifndef CONVEYOR_TESTS_SUPPORT_ALLOCATIONS_H_
#define CONVEYOR_TESTS_SUPPORT_ALLOCATIONS_H_

namespace conveyor::tests {

/// How often the calling thread has taken memory since it began, by malloc, its kin or operator new, in whatever
/// library: a program that is linked with allocations.cc has its own malloc.
[[nodiscard]] long allocations_of_this_thread() noexcept;

/// The same of all threads since the process began.
[[nodiscard]] long allocations_of_all_threads() noexcept;

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_ALLOCATIONS_H_
