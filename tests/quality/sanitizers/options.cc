// How the sanitizers behave in our test programs, however they are started: the first report ends the program.

extern "C" {

extern const char __attribute__((visibility("default"))) * __asan_default_options();
extern const char __attribute__((visibility("default"))) * __lsan_default_suppressions();
extern const char __attribute__((visibility("default"))) * __ubsan_default_options();
extern const char __attribute__((visibility("default"))) * __tsan_default_options();
extern const char __attribute__((visibility("default"))) * __tsan_default_suppressions();

// intercept_tls_get_addr: GCC 12's LeakSanitizer guesses from what lies before a block how much storage a library
// loaded later has for each thread, and reads at addresses that do not exist when that is not the header it takes it
// for. Without it, such storage is not searched for pointers.
const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1:intercept_tls_get_addr=0";
}

// ONNX Runtime keeps a few bytes of its own.
const char* __lsan_default_suppressions() { return "leak:libonnxruntime.so\n"; }

const char* __ubsan_default_options() { return "print_stacktrace=1:halt_on_error=1"; }

const char* __tsan_default_options() { return "halt_on_error=1:second_deadlock_stack=1"; }

// librdkafka is not compiled with ThreadSanitizer: the atomic counters by which its threads agree on who frees what are
// invisible, so that each such free is taken for a race with the last use. Its locks and threads are seen
// (c11_threads.cc), and with them the order of what we hand to it and get from it. The price: a race inside a function
// of ours that librdkafka calls is not reported; all it calls are the functions that take its log lines.
const char* __tsan_default_suppressions() { return "race:librdkafka.so\n"; }

}  // extern "C"
