#ifndef CONVEYOR_SRC_SETTINGS_KUBERNETES_H_
#define CONVEYOR_SRC_SETTINGS_KUBERNETES_H_

#include <string_view>

namespace conveyor {

/// Whether Kubernetes sets this variable by itself, for a Service in the namespace of the pod: by its name
/// (CONVEYOR_SERVICE_HOST, CONVEYOR_DASHBOARD_SERVICE_PORT_HTTP, CONVEYOR_PORT, CONVEYOR_PORT_9000_TCP_ADDR, ...) and
/// by a value that only such a variable has.
/// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
[[nodiscard]] bool is_kubernetes_service_variable(std::string_view name, std::string_view value);

}  // namespace conveyor

#endif  // CONVEYOR_SRC_SETTINGS_KUBERNETES_H_
