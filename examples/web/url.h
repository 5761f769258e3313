#ifndef WEB_URL_H_
#define WEB_URL_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace web {

/// A request's target, taken apart and decoded.
struct Target {
  std::string path = {};
  std::map<std::string, std::string> query = {};
};

/// @return nothing when the target does not begin with '/', or an escape (%XX) is not whole
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

/// Whether a page of this machine made the request: its Host is a name of the loopback interface with our port, and its
/// Origin, where it has one, is the same. A page of another site that the user also has open fails this, even when its
/// name was made to resolve to 127.0.0.1.
[[nodiscard]] bool is_local(std::string_view host, std::optional<std::string_view> origin, unsigned short port);

}  // namespace web

#endif  // WEB_URL_H_
