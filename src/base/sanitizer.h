#ifndef CONVEYOR_SRC_BASE_SANITIZER_H_
#define CONVEYOR_SRC_BASE_SANITIZER_H_

// Whether this is compiled with a sanitizer. GCC defines macros for it; clang has features instead.

namespace conveyor {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#else
inline constexpr bool kAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_SANITIZER_H_
