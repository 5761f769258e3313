#ifndef SUPPORT_JSON_LOG_H_
#define SUPPORT_JSON_LOG_H_

#include <cstdio>
#include <memory>
#include <string>

#include "conveyor/observer.h"

namespace support {

/// Writes log lines and events as JSON, an object a line, with the field names of the Elastic Common Schema 8
/// (@timestamp, log.level, log.logger, message, service.name, event.action, process.pid): Filebeat and Logstash take them as they are.
///
/// An event's topic, partition and offset are kafka.topic, kafka.partition and kafka.offset. The line by which the
/// library logs an event is left out: it says the same.
///
/// @param service the value of service.name
/// @param out is written to by one call a line, so that the lines of several threads do not mix
/// @return thread safe, as every Observer
[[nodiscard]] std::shared_ptr<conveyor::Observer> json_log(std::string service, std::FILE* out = stderr);

}  // namespace support

#endif  // SUPPORT_JSON_LOG_H_
