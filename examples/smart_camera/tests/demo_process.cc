#include "demo_process.h"

#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>

#include "support/waiting.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{SMART_CAMERA};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Answer ask(http::verb method, const std::string& url, const std::string& target) {
  const std::string host = url.substr(7, url.size() - 8);  // http://HOST:PORT/
  const auto port = static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1)));
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  http::request<http::empty_body> request{method, target, 11};
  request.set(http::field::host, host);
  request.prepare_payload();
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  return {static_cast<int>(response.result_int()), response.body()};
}

}  // namespace

std::filesystem::path video() {
  if (const char* cache = std::getenv("CONVEYOR_CACHE")) return std::filesystem::path(cache) / "vtest.avi";
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(cache) / "conveyor/vtest.avi";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : "") / ".cache/conveyor/vtest.avi";
}

Answer get(const std::string& url, const std::string& target) { return ask(http::verb::get, url, target); }
Answer post(const std::string& url, const std::string& target) { return ask(http::verb::post, url, target); }

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within) {
  return conveyor::tests::eventually(condition, within);
}

Program::Program(const std::vector<std::string>& arguments) : Child(command_of(arguments)) {}

std::string Program::url() {
  const std::string line = line_with("page: ");
  return line.substr(std::min(line.size(), std::string("page: ").size()));
}

std::string Program::line_with(const std::string& text) {
  for (const auto deadline = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < deadline;) {
    const auto line = read_line(60s);
    if (!line) break;
    if (line->find(text) != line->npos) return *line;
  }
  return "";
}

std::int64_t Program::figure(const std::string& name) const {
  const std::size_t at = output().rfind("\n" + name + " ");
  return at == output().npos ? -1 : std::atoll(output().c_str() + at + 1 + name.size());
}

Demo::Demo() {
  static std::atomic<int> number{0};
  out_ = std::filesystem::temp_directory_path() /
         ("smart_camera_test." + std::to_string(getpid()) + "." + std::to_string(++number));
  std::filesystem::remove_all(out_);
}
Demo::~Demo() { std::filesystem::remove_all(out_); }

std::vector<std::string> Demo::demo(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{"demo", video(), "--out", out_};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

}  // namespace smart_camera::tests
