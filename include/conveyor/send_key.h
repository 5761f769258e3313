#ifndef CONVEYOR_SEND_KEY_H_
#define CONVEYOR_SEND_KEY_H_

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace conveyor {

/// The key of a record to send, or no key.
///
/// It keeps a temporary std::string (the result of a call, `a + b`, std::move(key)), so that options may outlive the
/// expression that made them. Of everything else (literals, string views, strings that have a name) it is a view, which
/// allocates nothing. What it views must live as long as the options are used.
///
///     const conveyor::SendOptions options{.key = tenant + order.customer()};
///     producer.send(kOrders, order, options);
///     producer.send(kOrders, order, {.key = order.customer()});
///
/// Thread safety: as a standard container.
class SendKey {
 public:
  SendKey() = default;
  SendKey(std::nullopt_t) {}                                                       // NOLINT(google-explicit-*)
  SendKey(std::optional<std::string_view> key) { if_any(key); }                    // NOLINT(google-explicit-*)
  SendKey(const std::optional<std::string>& key) { if_any(key); }                  // NOLINT(google-explicit-*)
  SendKey(std::optional<std::string>&& key) { if_any(std::move(key)); }            // NOLINT(google-explicit-*)
  SendKey(const std::optional<std::string>&& key) { if_any(std::optional(key)); }  // NOLINT(google-explicit-*)
  SendKey(std::string&& key) : has_(Has::kString), string_(std::move(key)) {}      // NOLINT(google-explicit-*)
  SendKey(const std::string&& key) : has_(Has::kString), string_(key) {}           // NOLINT(google-explicit-*)
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view> SendKey(const Text& key)
      : has_(Has::kView), view_(key) {}  // NOLINT(google-explicit-*)

  [[nodiscard]] bool has_value() const noexcept { return has_ != Has::kNothing; }
  /// Valid as long as this object, or, for a view, as long as the given text.
  [[nodiscard]] std::optional<std::string_view> view() const noexcept {
    switch (has_) {
      case Has::kNothing:
        return {};
      case Has::kView:
        return view_;
      case Has::kString:
        return string_;
    }
    return {};
  }

 private:
  enum class Has { kNothing, kView, kString };

  template <class Optional>
  void if_any(Optional&& key) {
    if (key) *this = SendKey(*std::forward<Optional>(key));
  }

  Has has_ = Has::kNothing;
  std::string_view view_ = {};
  std::string string_ = {};
};

}  // namespace conveyor

#endif  // CONVEYOR_SEND_KEY_H_
