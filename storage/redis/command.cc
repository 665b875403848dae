#include "storage/redis/command.h"

#include <limits>

#include "base/check.h"

namespace longwire::storage::redis {

Words::Words(std::initializer_list<std::string_view> words) {
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  reserve(words.size(), bytes);
  for (const std::string_view word : words) add(word);
}

void Words::reserve(std::size_t words, std::size_t bytes) {
  bytes_.reserve(words * sizeof(Size) + bytes);
}

Words& Words::add(std::string_view word) {
  CHECK(word.size() <= std::numeric_limits<Size>::max());
  const auto size = static_cast<Size>(word.size());
  char prefix[sizeof size];
  std::memcpy(prefix, &size, sizeof size);
  bytes_.append(prefix, sizeof size).append(word);
  ++size_;
  return *this;
}

std::string_view Words::operator[](std::size_t index) const {
  CHECK(index < size_);
  std::size_t place = 0;
  for (; index > 0; --index) place += sizeof(Size) + word_at(place).size();
  return word_at(place);
}

}  // namespace longwire::storage::redis
