#include "web/server.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

#include "conveyor/error.h"
#include "support/waiting.h"

namespace web {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

class Site : public ::testing::Test {
 protected:
  Site() {
    server_.get("/", [](const Request&) { return html("<p>page</p>"); });
    server_.get("/pictures/", [](const Request& request) { return jpeg(request.path); });
    server_.get("/pictures/special", [](const Request&) { return jpeg("special"); });
    server_.get("/echo", [](const Request& request) { return json(request.query); });
    server_.get("/broken", [](const Request&) -> Response { throw std::runtime_error("no disk"); });
    server_.post("/do", [](const Request& request) { return json({{"did", request.body}}); });
    server_.start();
  }

  tcp::socket connect() {
    tcp::socket socket(context_);
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    return socket;
  }
  std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  http::response<http::string_body> ask(http::request<http::string_body> request) {
    tcp::socket socket = connect();
    if (request[http::field::host].empty()) request.set(http::field::host, host());
    request.prepare_payload();
    http::write(socket, request);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    if (request.method() == http::verb::head) {
      http::response_parser<http::string_body> parser;
      parser.skip(true);
      http::read(socket, buffer, parser);
      return parser.release();
    }
    http::read(socket, buffer, response);
    return response;
  }
  http::response<http::string_body> get(const std::string& target) {
    return ask(http::request<http::string_body>{http::verb::get, target, 11});
  }

  asio::io_context context_;
  Server server_;
};

TEST_F(Site, AnswersByTheLongestRouteThatFits) {
  EXPECT_EQ(get("/").body(), "<p>page</p>");
  EXPECT_EQ(get("/pictures/a%20b").body(), "/pictures/a b");
  EXPECT_EQ(get("/pictures/special").body(), "special");
  EXPECT_EQ(get("/echo?a=1+2").body(), R"({"a":"1 2"})");
  EXPECT_EQ(get("/web/feed.js")[http::field::content_type], "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/web/style.css")[http::field::content_type], "text/css; charset=utf-8");
}

TEST_F(Site, SaysWhatIsWrongWithARequest) {
  EXPECT_EQ(get("/nothing").result_int(), 404U);
  EXPECT_EQ(get("/do").result_int(), 405U);
  EXPECT_EQ(get("/%zz").result_int(), 400U);
  EXPECT_EQ(get("/broken").result_int(), 500U);
  EXPECT_EQ(get("/broken").body(), R"({"error":"no disk"})");
}

TEST_F(Site, TakesABodyUpToItsBound) {
  http::request<http::string_body> request{http::verb::post, "/do", 11};
  request.body() = "work";
  EXPECT_EQ(ask(request).body(), R"({"did":"work"})");
  request.body() = std::string((64 << 10) + 1, 'x');
  EXPECT_EQ(ask(request).result_int(), 413U);
}

TEST_F(Site, AnswersHeadWithoutABody) {
  const auto response = ask({http::verb::head, "/", 11});
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(response[http::field::content_length], "11");
}

TEST_F(Site, RefusesWhatThePageOfAnotherSiteAsks) {
  http::request<http::string_body> request{http::verb::post, "/do", 11};
  request.set(http::field::origin, "http://example.org");
  EXPECT_EQ(ask(request).result_int(), 403U);
  request.erase(http::field::origin);
  request.set(http::field::host, "example.org");
  EXPECT_EQ(ask(request).result_int(), 403U);
}

TEST_F(Site, NamesThePortThatIsTaken) {
  try {
    Server second({.port = server_.port()});
    FAIL();
  } catch (const conveyor::Error& error) {
    EXPECT_NE(std::string(error.what()).find("port " + std::to_string(server_.port())), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("--port 0"), std::string::npos) << error.what();
  }
}

class Live : public ::testing::Test {
 protected:
  using Socket = beast::websocket::stream<tcp::socket>;

  Live() : feed_(server_.feed("/feed")) { server_.start(); }

  Socket browser(const std::string& path = "/feed") {
    tcp::socket socket(context_);
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    Socket stream(std::move(socket));
    stream.handshake("127.0.0.1:" + std::to_string(server_.port()), path);
    return stream;
  }
  static std::string read(Socket& socket) {
    beast::flat_buffer buffer;
    socket.read(buffer);
    return beast::buffers_to_string(buffer.data());
  }
  bool eventually(const std::function<bool(const FeedReport&)>& holds) {
    return conveyor::tests::eventually([&] { return holds(feed_.report()); });
  }
  static Frame frame(std::int64_t number) {
    return {.source = "gate", .number = number, .captured = std::chrono::system_clock::now(), .jpeg = "JPEG"};
  }
  static void answer(Socket& socket, std::int64_t number) {
    socket.text(true);
    socket.write(asio::buffer(nlohmann::json{{"source", "gate"}, {"number", number}, {"painted", true}}.dump()));
  }

  asio::io_context context_;
  Server server_;
  Feed& feed_;
};

TEST_F(Live, ABrowserGetsFramesAndNotes) {
  Socket socket = browser();
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
  feed_.publish(frame(0));
  EXPECT_NE(read(socket).find(R"("number":0)"), std::string::npos);
  EXPECT_TRUE(socket.got_binary());
  feed_.announce({{"kind", "alert"}});
  EXPECT_EQ(read(socket), R"({"kind":"alert"})");
  EXPECT_TRUE(socket.got_text());
  answer(socket, 0);
  EXPECT_TRUE(eventually([](const auto& report) { return report.shown == 1; }));
}

TEST_F(Live, ABrowserThatGoesAndComesBackGoesOnWithTheNewestFrame) {
  {
    Socket socket = browser();
    ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
    feed_.publish(frame(0));
    read(socket);
    answer(socket, 0);
    feed_.publish(frame(1));
  }
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 0; }));
  feed_.publish(frame(2));
  EXPECT_EQ(feed_.report().dropped, 2);
  Socket socket = browser();
  EXPECT_NE(read(socket).find(R"("number":2)"), std::string::npos);
  answer(socket, 2);
  EXPECT_TRUE(eventually([](const auto& report) { return report.shown == 2 && report.dropped == 1; }));
}

TEST_F(Live, ThereIsNoFeedAtAnotherPath) { EXPECT_THROW(browser("/other"), beast::system_error); }

TEST(Server, StopsWhileABrowserWatches) {
  asio::io_context context;
  beast::websocket::stream<tcp::socket> socket(context);
  {
    Server server;
    Feed& feed = server.feed("/feed");
    server.start();
    beast::get_lowest_layer(socket).connect({asio::ip::address_v4::loopback(), server.port()});
    socket.handshake("localhost:" + std::to_string(server.port()), "/feed");
    ASSERT_TRUE(conveyor::tests::eventually([&] { return feed.report().viewers == 1; }));
    feed.publish({.source = "gate", .jpeg = "JPEG"});
  }
  beast::flat_buffer buffer;
  beast::error_code error;
  while (!error) socket.read(buffer, error);
}

}  // namespace
}  // namespace web
