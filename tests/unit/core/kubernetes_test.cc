#include "settings/kubernetes.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor {
namespace {

struct Case {
  std::string name;
  std::string value;
  bool of_kubernetes = false;
};

// The names and values that Kubernetes documents for a Service, and what only looks like them.
TEST(KubernetesServiceVariable, IsKnownByNameAndValue) {
  const Case cases[] = {
      {"CONVEYOR_SERVICE_HOST", "10.0.0.11", true},
      {"CONVEYOR_SERVICE_PORT", "9000", true},
      {"CONVEYOR_SERVICE_PORT_HTTP", "9000", true},
      {"CONVEYOR_SERVICE_PORT_HTTP_ADMIN", "1", true},
      {"CONVEYOR_PORT", "tcp://10.0.0.11:9000", true},
      {"CONVEYOR_PORT_9000_TCP", "tcp://10.0.0.11:9000", true},
      {"CONVEYOR_PORT_9000_TCP_PROTO", "tcp", true},
      {"CONVEYOR_PORT_9000_TCP_PORT", "9000", true},
      {"CONVEYOR_PORT_9000_TCP_ADDR", "10.0.0.11", true},
      {"CONVEYOR_PORT_53_UDP", "udp://10.0.0.11:53", true},
      {"CONVEYOR_PORT_53_UDP_PROTO", "udp", true},
      {"CONVEYOR_PORT_5000_SCTP_ADDR", "10.0.0.11", true},
      {"CONVEYOR_KAFKA_SERVICE_HOST", "10.0.0.11", true},
      {"CONVEYOR_KAFKA_PORT", "tcp://10.0.0.11:9092", true},
      {"CONVEYOR_KAFKA_PORT_9092_TCP_ADDR", "fd00::11", true},
      {"CONVEYOR_KAFKA_PORT_9092_TCP", "tcp://[fd00::11]:9092", true},
      {"CONVEYOR_DASHBOARD_PORT", "tcp://10.0.0.12:80", true},
      {"CONVEYOR_DASHBOARD_SERVICE_PORT_HTTP", "80", true},
      {"CONVEYOR_GROUP_SERVICE_HOST", "10.0.0.13", true},
      {"CONVEYOR_PORT_SERVICE_HOST", "10.0.0.14", true},          // of a Service conveyor-port
      {"CONVEYOR_SERVICE_PORT", "tcp://10.0.0.14:9000", true},    // of a Service conveyor-service
      {"CONVEYOR_SERVICE_PORT_PORT", "tcp://10.0.0.14:1", true},  // of a Service conveyor-service-port

      {"CONVEYOR_SERVISE", "reader"},
      {"CONVEYOR_SERVICE", "10.0.0.11"},
      {"CONVEYOR_GROUP", "9000"},
      {"CONVEYOR_BOOTSTRAP_SERVERS", "10.0.0.11:9092"},
      {"CONVEYOR_SERVICE_HOST", "kafka"},
      {"CONVEYOR_SERVICE_HOST", "10.0.0"},
      {"CONVEYOR_SERVICE_PORT", "http://10.0.0.11:9000"},
      {"CONVEYOR_SERVICE_PORT", "0"},
      {"CONVEYOR_SERVICE_PORT", "65536"},
      {"CONVEYOR_SERVICE_PORT_", "9000"},
      {"CONVEYOR_SERVICE_PORTS", "9000"},
      {"CONVEYOR_PORT", "9000"},
      {"CONVEYOR_PORT", "http://10.0.0.11:9000"},
      {"CONVEYOR_PORT", "tcp://kafka:9000"},
      {"CONVEYOR_PORT", "tcp://10.0.0.11"},
      {"CONVEYOR_PORT", "tcp://:9000"},
      {"CONVEYOR_PORT_9000_TCP_PROTO", "udp"},
      {"CONVEYOR_PORT_9000_HTTP", "tcp://10.0.0.11:9000"},
      {"CONVEYOR_PORT_TCP_ADDR", "10.0.0.11"},
      {"CONVEYOR_PORT_9000_TCP_ADDRESS", "10.0.0.11"},
      {"CONVEYOR_KAFKA_PORT", "9092"},
      {"SERVICE_HOST", "10.0.0.11"},
      {"", ""},
      {"_", "1"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(is_kubernetes_service_variable(one.name, one.value), one.of_kubernetes) << one.name << "=" << one.value;
  }
}

}  // namespace
}  // namespace conveyor
