// Prints the version of librdkafka that runs, which need not be the one this was compiled with.
#include <librdkafka/rdkafka.h>

#include <cstdio>

int main() { std::puts(rd_kafka_version_str()); }
