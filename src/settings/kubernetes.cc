#include "settings/kubernetes.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace conveyor {
namespace {

constexpr std::array<std::string_view, 3> kProtocols{"TCP", "UDP", "SCTP"};

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

// As in names of Services and of their ports, letters raised and dashes as underscores.
bool is_label(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.front() != '_' && text.back() != '_' && std::ranges::all_of(text, fits);
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

// tcp://10.0.0.11:6379; an IPv6 address stands in brackets.
bool is_url(std::string_view text) {
  const auto after_scheme = text.find("://");
  const auto colon = text.rfind(':');
  if (after_scheme == std::string_view::npos || colon <= after_scheme) return false;
  const std::string_view scheme = text.substr(0, after_scheme);
  std::string_view host = text.substr(after_scheme + 3, colon - after_scheme - 3);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::ranges::any_of(kProtocols, [&](std::string_view one) { return lower(one) == scheme; }) &&
         is_address(std::string(host)) && is_port(text.substr(colon + 1));
}

// The names that Docker's links once had: "6379_TCP", "6379_TCP_PROTO", "6379_TCP_PORT" or "6379_TCP_ADDR".
bool is_link(std::string_view name, std::string_view value) {
  const auto bar = name.find('_');
  if (bar == std::string_view::npos || !is_port(name.substr(0, bar))) return false;
  name.remove_prefix(bar + 1);
  for (const std::string_view protocol : kProtocols) {
    if (!name.starts_with(protocol)) continue;
    const std::string_view part = name.substr(protocol.size());
    if (part.empty()) return is_url(value);
    if (part == "_PROTO") return value == lower(protocol);
    if (part == "_PORT") return is_port(value);
    if (part == "_ADDR") return is_address(std::string(value));
  }
  return false;
}

// What follows the name of the Service.
bool is_suffix(std::string_view name, std::string_view value) {
  constexpr std::string_view kNamedPort = "SERVICE_PORT_";
  constexpr std::string_view kLink = "PORT_";
  if (name == "SERVICE_HOST") return is_address(std::string(value));
  if (name == "SERVICE_PORT") return is_port(value);
  if (name == "PORT") return is_url(value);
  if (name.starts_with(kNamedPort) && is_label(name.substr(kNamedPort.size()))) return is_port(value);
  return name.starts_with(kLink) && is_link(name.substr(kLink.size()), value);
}

}  // namespace

bool is_kubernetes_service_variable(std::string_view name, std::string_view value) {
  // A Service may be called conveyor-port or conveyor-service-host itself: every place is tried.
  for (auto bar = name.find('_'); bar != std::string_view::npos; bar = name.find('_', bar + 1)) {
    if (is_label(name.substr(0, bar)) && is_suffix(name.substr(bar + 1), value)) return true;
  }
  return false;
}

}  // namespace conveyor
