#pragma once

// Gather: one answer for many questions asked at once.

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/function.h"

namespace longwire::middle {

// Hands out one callback per question; once all are answered and close() was called, `done` gets
// the answers in the order of the questions, or the first error. Loop-bound.
template <typename T>
class Gather final : public std::enable_shared_from_this<Gather<T>> {
 public:
  // Shared: owned by the callbacks that are out.
  static std::shared_ptr<Gather> make(Callback<std::vector<T>> done) {
    return std::make_shared<Gather>(std::move(done));
  }
  explicit Gather(Callback<std::vector<T>> done) : done_(std::move(done)) {}

  Callback<T> ask() {
    const std::size_t index = answers_.size();
    answers_.emplace_back();
    ++open_;
    return [self = this->shared_from_this(), index](Result<T> answer) {
      if (answer)
        self->answers_[index] = std::move(*answer);
      else if (!self->error_)
        self->error_ = std::move(answer).error();
      self->finish_one();
    };
  }
  void close() { finish_one(); }

 private:
  void finish_one() {
    if (--open_ > 0) return;
    if (error_) return done_(std::move(*error_));
    std::vector<T> answers;
    answers.reserve(answers_.size());
    for (std::optional<T>& answer : answers_) answers.push_back(std::move(*answer));
    done_(std::move(answers));
  }

  Callback<std::vector<T>> done_;
  std::vector<std::optional<T>> answers_;
  std::optional<Error> error_;
  std::size_t open_ = 1;  // close() is one
};

}  // namespace longwire::middle
