#pragma once

// Command: what is sent to a Redis server.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace longwire::storage::redis {

// A command's words: one allocation, however many they are. A value.
class Words final {
 public:
  Words() = default;
  // Implicit on purpose: {"SET", key, value}.
  Words(std::initializer_list<std::string_view> words);

  // Room for as many words, of as many bytes together.
  void reserve(std::size_t words, std::size_t bytes);
  Words& add(std::string_view word);

  std::size_t size() const { return size_; }
  // Calls `each` with every word, as a view that is good until the next add().
  template <typename Each>
  void for_each(Each each) const {
    for (std::size_t at = 0; at < bytes_.size();) {
      const std::string_view word = word_at(at);
      at += sizeof(Size) + word.size();
      each(word);
    }
  }
  // Walks there. index < size().
  std::string_view operator[](std::size_t index) const;

 private:
  using Size = std::uint32_t;
  std::string_view word_at(std::size_t place) const {
    Size size = 0;
    std::memcpy(&size, bytes_.data() + place, sizeof size);
    return {bytes_.data() + place + sizeof size, size};
  }

  std::size_t size_ = 0;
  std::string bytes_;  // of each word its size, then itself
};

// A value.
struct Command {
  Words words;  // {"SET", "key", "value"}
  // Which of the words is the key that names the slot; further keys must share its {tag}. Without:
  // any node will do.
  std::optional<std::size_t> key;
  // Doing it twice is as good as doing it once, whatever others do meanwhile: GET is repeatable,
  // INCR is not, nor is a SET that might overwrite what came after it. Such a command is sent again
  // where its answer was lost with the connection; any other is told as kUnknownOutcome.
  bool repeatable = false;
};

}  // namespace longwire::storage::redis
