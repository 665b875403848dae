#pragma once

// NamedType: a distinct type around a value, so that a RegId cannot be passed where an Alias is
// wanted. A value: copyable, ordered, hashable (std::hash and absl::Hash).

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace longwire {

template <typename T, typename Tag>
class NamedType {
 public:
  NamedType() = default;
  explicit NamedType(T value) : value_(std::move(value)) {}
  const T& value() const& { return value_; }
  T&& take() && { return std::move(value_); }
  bool empty() const requires requires(const T& t) { t.empty(); }
  { return value_.empty(); }

  friend auto operator<=>(const NamedType&, const NamedType&) = default;
  friend bool operator==(const NamedType&, const NamedType&) = default;

  template <typename H>
  // Abseil looks for this name. NOLINTNEXTLINE(readability-identifier-naming)
  friend H AbslHashValue(H state, const NamedType& named) {
    return H::combine(std::move(state), named.value_);
  }

 private:
  T value_{};
};

}  // namespace longwire

template <typename T, typename Tag>
struct std::hash<longwire::NamedType<T, Tag>> {
  std::size_t operator()(const longwire::NamedType<T, Tag>& named) const noexcept {
    return std::hash<T>{}(named.value());
  }
};
