#include "storage/redis/connection.h"

#include <fcntl.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace longwire::storage::redis {
namespace {

Reply to_reply(const redisReply& from) {
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      return std::int64_t{from.integer};
    case REDIS_REPLY_STRING:
      return Bytes(from.str, from.len);
    case REDIS_REPLY_STATUS:
      return Reply::Status{std::string(from.str, from.len)};
    case REDIS_REPLY_ERROR:
      return Reply::Failure{std::string(from.str, from.len)};
    case REDIS_REPLY_ARRAY: {
      Reply::Array elements;
      elements.reserve(from.elements);
      // The library's parser bounds the depth.
      for (std::size_t i = 0; i < from.elements; ++i)
        elements.push_back(to_reply(*from.element[i]));
      return elements;
    }
    default:
      return Reply::Nil{};
  }
}

// An answer to nothing makes the library abort the process. So its parser is told to fail on one:
// at the root of a reply, with nobody who waits. Error replies it can bear ("max number of clients
// reached" comes unasked).
namespace unasked {

// Its own functions, which ours go through; it does not name them otherwise.
const redisReplyObjectFunctions& library() {
  static const redisReplyObjectFunctions* const functions = [] {
    redisReader* const reader = redisReaderCreate();
    CHECK(reader != nullptr);  // no memory
    const redisReplyObjectFunctions* const found = reader->fn;
    redisReaderFree(reader);
    return found;
  }();
  return *functions;
}

bool refused(const redisReadTask* task) {
  if (task->parent != nullptr || task->type == REDIS_REPLY_ERROR) return false;
  return static_cast<const redisAsyncContext*>(task->privdata)->replies.head == nullptr;
}
void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  return refused(task) ? nullptr : library().createString(task, text, size);
}
void* create_array(const redisReadTask* task, int size) {
  return refused(task) ? nullptr : library().createArray(task, size);
}
void* create_integer(const redisReadTask* task, long long value) {
  return refused(task) ? nullptr : library().createInteger(task, value);
}
void* create_nil(const redisReadTask* task) {
  return refused(task) ? nullptr : library().createNil(task);
}
void free_object(void* object) { library().freeObject(object); }

void guard(redisAsyncContext& context) {
  static redisReplyObjectFunctions functions{&create_string, &create_array, &create_integer,
                                             &create_nil, &free_object};
  context.c.reader->fn = &functions;
  context.c.reader->privdata = &context;
}

}  // namespace unasked

// Pointers and sizes of words, without an allocation for all but long commands.
class Arguments final {
 public:
  explicit Arguments(const Words& words) : count_(words.size()) {
    if (count_ > kFew) {
      many_texts_.resize(count_);
      many_sizes_.resize(count_);
    }
    words.for_each([this, i = std::size_t{0}](std::string_view word) mutable {
      texts()[i] = word.data();
      sizes()[i++] = word.size();
    });
  }
  int count() const { return static_cast<int>(count_); }
  const char** texts() { return count_ > kFew ? many_texts_.data() : few_texts_.data(); }
  std::size_t* sizes() { return count_ > kFew ? many_sizes_.data() : few_sizes_.data(); }

 private:
  static constexpr std::size_t kFew = 8;
  const std::size_t count_;
  std::array<const char*, kFew> few_texts_;
  std::array<std::size_t, kFew> few_sizes_;
  std::vector<const char*> many_texts_;
  std::vector<std::size_t> many_sizes_;
};

void append(redisAsyncContext* context, redisCallbackFn* on_reply, void* data, const Words& words) {
  Arguments arguments(words);
  const int done = redisAsyncCommandArgv(context, on_reply, data, arguments.count(),
                                         arguments.texts(), arguments.sizes());
  // It refuses only on a context that is ending, which is never sent to, or without memory.
  CHECK(done == REDIS_OK);
}

}  // namespace

// What the library calls.
struct Connection::Hooks {
  static Connection& of(void* data) { return *static_cast<Connection*>(data); }

  static void add_write(void* data) {
    Connection& self = of(data);
    if (std::exchange(self.flush_wanted_, true)) return;
    self.user_.on_wants_flush();
  }
  static void cleanup(void* data) { of(data).ended(); }

  static void on_reply(redisAsyncContext* context, void* reply, void* data) {
    Connection& self = of(context->data);
    auto& call = *static_cast<Call*>(data);
    if (reply == nullptr) {
      self.unanswered_.push_back(&call);
    } else {
      self.user_.on_answer(call, to_reply(*static_cast<redisReply*>(reply)));
    }
  }

  // Of AUTH and of PING; `data` is set for the latter, which is the last.
  static void on_greeting(redisAsyncContext* context, void* reply, void* data) {
    if (reply == nullptr) return;
    Connection& self = of(context->data);
    const Reply answer = to_reply(*static_cast<redisReply*>(reply));
    if (self.greeted_ || !self.end_reason_.empty()) return;
    if (answer.status() == nullptr) {
      self.end_reason_ = "refused: " + describe(answer);
      self.user_.on_refused({ErrorCode::kUnavailable, self.end_reason_});
    } else if (data != nullptr) {
      self.greeted_ = true;
      self.user_.on_greeted();
    }
  }
};

Connection::~Connection() { CHECK(context_ == nullptr); }

Status Connection::open(const net::Address& address, const Credentials& credentials) {
  CHECK(context_ == nullptr);
  redisAsyncContext* const context = redisAsyncConnect(address.ip.c_str(), address.port);
  CHECK(context != nullptr);  // no memory
  if (context->err != 0) {
    const Error why{ErrorCode::kUnavailable, context->errstr};
    redisAsyncFree(context);
    return why;
  }
  adopt(*context);
  greet(credentials);
  return {};
}

void Connection::adopt(redisAsyncContext& context) {
  fcntl(context.c.fd, F_SETFD, FD_CLOEXEC);
  context_ = &context;
  write_wanted_ = true;  // which is how the end of connecting shows
  flush_wanted_ = true;
  greeted_ = false;
  end_reason_.clear();
  unasked::guard(context);
  context.data = this;
  context.ev.data = this;
  context.ev.addWrite = &Hooks::add_write;
  context.ev.cleanup = &Hooks::cleanup;
  loop_.watch(context.c.fd, net::Interest::kReadWrite, *this);
}

void Connection::greet(const Credentials& credentials) {
  if (!credentials.password.empty()) {
    Words words = {"AUTH"};
    if (!credentials.username.empty()) words.add(credentials.username);
    words.add(credentials.password.reveal());
    append(context_, &Hooks::on_greeting, nullptr, words);
  }
  append(context_, &Hooks::on_greeting, this, {"PING"});
}

void Connection::send(Call& call) {
  CHECK(greeted_);
  if (std::exchange(call.asking, false)) append(context_, nullptr, nullptr, {"ASKING"});
  append(context_, &Hooks::on_reply, &call, call.command.words);
}

void Connection::flush() {
  // Where the loop tells when it can be written, it will.
  if (context_ != nullptr && flush_wanted_ && !write_wanted_) on_writable();
}

void Connection::close(const Error& why) {
  if (context_ == nullptr) return;
  end_reason_ = why.message;
  redisAsyncFree(context_);  // by way of ended(), after which it may be open again
}

void Connection::on_readable() {
  // Before the first write this may be the failure to connect, which the library looks for.
  redisAsyncHandleRead(context_);
}

void Connection::on_writable() {
  redisAsyncContext* const context = context_;
  redisAsyncHandleWrite(context);
  // Ended, and perhaps open again, within that call.
  if (context_ != context) return;
  flush_wanted_ = false;
  const bool rest = sdslen(context->c.obuf) != 0;
  if (rest != write_wanted_) want_write(rest);
}

void Connection::want_write(bool wanted) {
  write_wanted_ = wanted;
  loop_.change(context_->c.fd, wanted ? net::Interest::kReadWrite : net::Interest::kRead, *this);
}

void Connection::ended() {
  loop_.unwatch(context_->c.fd);
  std::string why = std::move(end_reason_);
  if (why.empty() && context_->err != 0) why = context_->errstr;
  context_ = nullptr;
  greeted_ = false;
  end_reason_.clear();
  user_.on_ended({ErrorCode::kUnavailable, std::move(why)}, std::exchange(unanswered_, {}));
}

}  // namespace longwire::storage::redis
