#include "browser.h"

#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "support/waiting.h"
#include "unit/cli/child.h"

namespace web::tests {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

std::filesystem::path new_profile() {
  static std::atomic<int> number{0};
  return std::filesystem::temp_directory_path() /
         ("conveyor_browser." + std::to_string(getpid()) + "." + std::to_string(++number));
}

std::vector<std::string> command(const std::filesystem::path& profile, int width, int height) {
  return {"/usr/bin/setsid",  // a session of its own, so that all its processes can be killed at once
          "/usr/bin/chromium-headless-shell",
          "--no-sandbox",  // tests may run as root
          "--disable-gpu",
          "--hide-scrollbars",
          "--mute-audio",
          "--disable-dev-shm-usage",
          "--remote-debugging-port=0",
          "--window-size=" + std::to_string(width) + "," + std::to_string(height),
          "--user-data-dir=" + profile.string(),
          "about:blank"};
}

std::string decode_base64(const std::string& text) {
  namespace base64 = beast::detail::base64;
  std::string bytes(base64::decoded_size(text.size()), '\0');
  bytes.resize(base64::decode(bytes.data(), text.data(), text.size()).first);
  return bytes;
}

}  // namespace

struct Browser::State {
  State(int width, int height) : profile(new_profile()), process(command(profile, width, height)) {}
  ~State() {
    ::kill(-process.pid(), SIGKILL);
    process.wait(10s);
    std::error_code ignored;
    std::filesystem::remove_all(profile, ignored);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Chromium writes the port that it chose into its profile.
  std::string wait_for_port() {
    std::string port;
    const auto written = [&] {
      std::ifstream file(profile / "DevToolsActivePort");
      return static_cast<bool>(std::getline(file, port)) && !file.eof();
    };
    if (!conveyor::tests::eventually(written, 60s)) {
      process.wait(0s);
      throw std::runtime_error("Chromium did not start: " + process.errors());
    }
    return port;
  }

  void connect() {
    const std::string port = wait_for_port();
    const tcp::endpoint here(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port)));
    tcp::socket plain(context);
    plain.connect(here);
    http::request<http::empty_body> request(http::verb::get, "/json/list", 11);
    request.set(http::field::host, "127.0.0.1:" + port);
    http::write(plain, request);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(plain, buffer, response);
    const std::string page = nlohmann::json::parse(response.body()).at(0).at("webSocketDebuggerUrl");
    beast::get_lowest_layer(socket).connect(here);
    socket.read_message_max(std::size_t{64} << 20);  // a picture of a window
    socket.handshake("127.0.0.1:" + port, page.substr(page.find("/devtools/")));
  }

  /// Takes what the page reported on the way.
  void note(const nlohmann::json& message) {
    const std::string method = message.value("method", "");
    const nlohmann::json& what = message["params"];
    if (method == "Runtime.exceptionThrown") complaints += what.dump() + "\n";
    if (method == "Log.entryAdded" && what["entry"]["level"] != "info") complaints += what["entry"].dump() + "\n";
    if (method == "Runtime.consoleAPICalled" && (what["type"] == "error" || what["type"] == "warning")) {
      complaints += what["args"].dump() + "\n";
    }
  }

  std::filesystem::path profile;
  conveyor::Child process;
  asio::io_context context;
  beast::websocket::stream<tcp::socket> socket{context};
  int calls = 0;
  std::string complaints;
};

Browser::Browser(const std::string& url, int width, int height) : state_(std::make_unique<State>(width, height)) {
  state_->connect();
  call("Runtime.enable", {});
  call("Log.enable", {});
  call("Page.enable", {});
  call("Page.navigate", {{"url", url}});
}

Browser::~Browser() = default;

nlohmann::json Browser::call(const std::string& method, const nlohmann::json& parameters) {
  const int id = ++state_->calls;
  nlohmann::json request = {{"id", id}, {"method", method}};
  if (!parameters.empty()) request["params"] = parameters;
  state_->socket.write(asio::buffer(request.dump()));
  for (;;) {
    beast::flat_buffer buffer;
    state_->socket.read(buffer);
    nlohmann::json message = nlohmann::json::parse(beast::buffers_to_string(buffer.data()));
    if (message.value("id", 0) != id) {
      state_->note(message);
    } else if (message.contains("error")) {
      throw std::runtime_error(method + ": " + message["error"].dump());
    } else {
      return message["result"];
    }
  }
}

nlohmann::json Browser::evaluate(const std::string& expression) {
  const nlohmann::json result =
      call("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
  if (result.contains("exceptionDetails"))
    throw std::runtime_error(expression + ": " + result["exceptionDetails"].dump());
  return result["result"].value("value", nlohmann::json());
}

bool Browser::eventually(const std::string& expression, std::chrono::milliseconds within) {
  // In the middle of a navigation there may be nothing to ask.
  return conveyor::tests::eventually([&] { return evaluate("Boolean(" + expression + ")") == true; }, within);
}

bool Browser::click(const std::string& selector) {
  const std::string element = "document.querySelector(" + nlohmann::json(selector).dump() + ")";
  return evaluate("Boolean(" + element + ") && (" + element + ".click(), true)") == true;
}

void Browser::screenshot(const std::filesystem::path& file) {
  const std::string bytes = decode_base64(call("Page.captureScreenshot", {{"format", "png"}}).at("data"));
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string Browser::complaints() {
  evaluate("0");  // reads what was reported before
  return state_->complaints;
}

}  // namespace web::tests
