#pragma once

// filled<T>(): a value of which every member, down to the last, says something else.

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "middle/wire/codec.h"

namespace longwire::middle::wire {

class Filler {
 public:
  template <typename T>
  void operator()(std::int16_t, T& value) {
    fill(value);
  }

  template <typename T>
  void fill(T& value) {
    ++count_;
    if constexpr (std::is_same_v<T, bool>) {
      value = true;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(1 + count_ % kLast<T>);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(count_ % 100);
    } else {
      fields(*this, value);
    }
  }
  void fill(std::string& value) { value = "text " + std::to_string(++count_); }
  template <typename T, typename Tag>
  void fill(NamedType<T, Tag>& value) {
    T inner{};
    fill(inner);
    value = NamedType<T, Tag>(inner);
  }
  void fill(MessageId& value) { value.bytes.fill(static_cast<std::uint8_t>(++count_)); }
  void fill(Timestamp& value) { value.ms = 1'700'000'000'000 + ++count_; }
  void fill(std::chrono::milliseconds& value) { value = std::chrono::milliseconds(++count_); }
  template <typename T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <typename T>
  void fill(std::vector<T>& value) {
    for (int i = 0; i < 2; ++i) fill(value.emplace_back());
  }
  void fill(EntryPtr& value) {
    auto entry = std::make_shared<Entry>();
    fill(*entry);
    value = std::move(entry);
  }

 private:
  int count_ = 0;
};

template <typename T>
T filled() {
  T value{};
  Filler().fill(value);
  return value;
}

}  // namespace longwire::middle::wire
