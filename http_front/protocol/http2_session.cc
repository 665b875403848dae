#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "http_front/protocol/session.h"

namespace longwire::http {
namespace {

constexpr std::uint32_t kStreamWindow = 256 * 1024;
constexpr std::int32_t kConnectionWindow = 1024 * 1024;
constexpr std::size_t kOutputPieceBytes = 64 * 1024;

// One request and its answer. It lives until nghttp2 closes the stream.
struct Stream {
  enum class Phase { kReceiving, kRunning, kAnswered };
  Phase phase = Phase::kReceiving;
  MonotonicTime since{};  // of the phase
  std::string method;
  std::string path;
  bool has_authority = false;
  Request request;
  std::size_t counted = 0;  // of the body memory
  bool ended = false;       // by the peer
  Bytes answer;
  std::size_t answer_sent = 0;
};

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// nghttp2 copies what it is given (no NO_COPY flag), and asks for pointers to non-const.
nghttp2_nv make_field(std::string_view name, std::string_view value) {
  nghttp2_nv field{};
  field.name = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data()));
  field.namelen = name.size();
  field.value = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data()));
  field.valuelen = value.size();
  return field;
}

struct NumberText {
  explicit NumberText(std::int64_t number) {
    size = static_cast<std::size_t>(
        std::to_chars(text.data(), text.data() + text.size(), number).ptr - text.data());
  }
  std::string_view view() const { return {text.data(), size}; }
  std::array<char, 24> text{};
  std::size_t size = 0;
};

class Http2Session final : public Session {
 public:
  Http2Session(const SessionLimits& limits, BodyMemory& memory, SessionHost& host,
               MonotonicTime now)
      : limits_(limits), memory_(memory), host_(host), now_(now), idle_since_(now) {
    control_credit_ = limits.control_frames_burst;
    open();
  }
  ~Http2Session() override {
    nghttp2_session_del(session_);
    for (auto& [id, stream] : streams_) memory_.used -= stream.counted;
  }
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  void receive(BytesView data, MonotonicTime now) override {
    if (finished_) return;
    refill(now);
    inside_ = true;
    const auto used = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
    inside_ = false;
    if (used < 0) fatal_ = true;
    flush();
  }

  void respond(StreamId id, Response response, MonotonicTime now) override {
    now_ = now;
    Stream* stream = find(static_cast<std::int32_t>(id));
    if (stream == nullptr || stream->phase != Stream::Phase::kRunning) return;
    answer(static_cast<std::int32_t>(id), *stream, std::move(response));
    if (!inside_) flush();
  }

  void shut_down(MonotonicTime now) override {
    now_ = now;
    if (last_) return;
    last_ = true;
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                          nullptr, 0);
    if (!inside_) flush();
  }

  void check_time(MonotonicTime now) override {
    refill(now);
    for (auto& [id, stream] : streams_) {
      const bool receiving = stream.phase == Stream::Phase::kReceiving;
      const auto limit = receiving ? limits_.receive_timeout : limits_.answer_timeout;
      if (now - stream.since > limit) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        stream.since = now;
      }
    }
    if (streams_.empty() && now - idle_since_ > limits_.idle_timeout) shut_down(now);
    flush();
  }

  void set_blocked(bool blocked, MonotonicTime now) override {
    now_ = now;
    blocked_ = blocked;
    if (!blocked && !inside_) flush();
  }

  bool finished() const override { return finished_; }
  bool wants_input() const override { return true; }

 private:
  void open();
  void set_callbacks(nghttp2_session_callbacks* callbacks);

  // What nghttp2 tells.
  int on_begin_headers(const nghttp2_frame& frame);
  int on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
  int on_data(std::int32_t id, BytesView data);
  int on_frame(const nghttp2_frame& frame);
  void on_frame_sent(const nghttp2_frame& frame);
  void on_stream_close(std::int32_t id, std::uint32_t error);
  ssize_t read_answer(std::int32_t id, std::uint8_t* out, std::size_t size, std::uint32_t* flags);

  void dispatch(std::int32_t id, Stream& stream);
  void answer(std::int32_t id, Stream& stream, Response response);
  void refuse(std::int32_t id, Stream& stream, int status, std::string_view sentence);
  bool spend_control_frame();
  void refill(MonotonicTime now);
  void flush();
  Stream* find(std::int32_t id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }

  const SessionLimits& limits_;
  BodyMemory& memory_;
  SessionHost& host_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
  MonotonicTime now_;
  MonotonicTime idle_since_;
  double control_credit_ = 0;
  std::size_t requests_ = 0;
  std::size_t unfinished_bytes_ = 0;
  bool inside_ = false;  // nghttp2 calls us
  bool blocked_ = false;
  bool last_ = false;
  bool fatal_ = false;
  bool finished_ = false;
};

Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

void Http2Session::set_callbacks(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        return self(user).on_begin_headers(*frame);
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
        return self(user).on_header(*frame, view(name, name_size), view(value, value_size));
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks,
      [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
         std::size_t size, void* user) { return self(user).on_data(id, view(data, size)); });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        return self(user).on_frame(*frame);
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        self(user).on_frame_sent(*frame);
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
        self(user).on_stream_close(id, error);
        return 0;
      });
}

void Http2Session::open() {
  nghttp2_session_callbacks* callbacks = nullptr;
  CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  set_callbacks(callbacks);
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_max_outbound_ack(option, 100);
  nghttp2_option_set_max_settings(option, 32);
  CHECK(nghttp2_session_server_new2(&session_, callbacks, this, option) == 0);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits_.streams_max)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(limits_.parser.head_bytes_max)},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
  flush();
}

int Http2Session::on_begin_headers(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  if (last_) {
    // A stream that came before the peer saw our GOAWAY: it may try again elsewhere.
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_REFUSED_STREAM);
    return 0;
  }
  streams_[frame.hd.stream_id].since = now_;
  return 0;
}

int Http2Session::on_header(const nghttp2_frame& frame, std::string_view name,
                            std::string_view value) {
  Stream* stream = find(frame.hd.stream_id);
  // Trailers are dropped: nothing of ours may depend on them.
  if (stream == nullptr || stream->phase != Stream::Phase::kReceiving ||
      frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
    return 0;
  }
  HeaderList& headers = stream->request.headers;
  const std::size_t bytes = headers.bytes() + stream->path.size() + name.size() + value.size();
  if (bytes > limits_.parser.head_bytes_max || headers.size() >= limits_.parser.fields_max) {
    refuse(frame.hd.stream_id, *stream, 431, "The request's head is too long.");
  } else if (name == ":method") {
    stream->method = value;
  } else if (name == ":path") {
    stream->path = value;
  } else if (name == ":authority") {
    stream->has_authority = true;
  } else if (name.front() != ':') {
    headers.add(name, value);
  }
  return 0;
}

int Http2Session::on_data(std::int32_t id, BytesView data) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->phase != Stream::Phase::kReceiving) return 0;
  if (stream->request.body.size() + data.size() > limits_.parser.body_bytes_max) {
    refuse(id, *stream, 413, "The body is too long.");
    return 0;
  }
  if (memory_.full() || unfinished_bytes_ + data.size() > limits_.unfinished_bodies_max) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    stream->phase = Stream::Phase::kAnswered;
    return 0;
  }
  stream->request.body.append(data);
  stream->counted += data.size();
  unfinished_bytes_ += data.size();
  memory_.used += data.size();
  return 0;
}

int Http2Session::on_frame(const nghttp2_frame& frame) {
  const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  const bool has_content = frame.hd.type == NGHTTP2_HEADERS ||
                           (frame.hd.type == NGHTTP2_DATA && (frame.hd.length > 0 || ends));
  if (!has_content && !spend_control_frame()) return NGHTTP2_ERR_CALLBACK_FAILURE;
  if (!ends || (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)) return 0;
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return 0;
  stream->ended = true;
  if (stream->phase == Stream::Phase::kReceiving) dispatch(frame.hd.stream_id, *stream);
  return 0;
}

void Http2Session::dispatch(std::int32_t id, Stream& stream) {
  Request& request = stream.request;
  request.method = parse_method(stream.method);
  memory_.used -= stream.counted;
  unfinished_bytes_ -= std::exchange(stream.counted, 0);
  if (!set_target(request, stream.path)) {
    refuse(id, stream, 400, "The request's target is malformed.");
    return;
  }
  if (!stream.has_authority && !request.headers.find("host")) {
    refuse(id, stream, 400, "Exactly one authority, please.");
    return;
  }
  stream.phase = Stream::Phase::kRunning;
  stream.since = now_;
  if (++requests_ >= limits_.requests_max) shut_down(now_);
  const bool was_inside = std::exchange(inside_, true);
  host_.on_request(StreamId{id}, std::move(request));
  inside_ = was_inside;
}

void Http2Session::refuse(std::int32_t id, Stream& stream, int status, std::string_view sentence) {
  answer(id, stream, plain_response(status, sentence));
}

void Http2Session::answer(std::int32_t id, Stream& stream, Response response) {
  stream.phase = Stream::Phase::kAnswered;
  stream.since = now_;
  const NumberText status(response.status);
  const NumberText length(static_cast<std::int64_t>(response.body.size()));
  const NumberText retry(response.retry_after.value_or(std::chrono::seconds(0)).count());
  std::vector<nghttp2_nv> fields;
  fields.reserve(6);
  fields.push_back(make_field(":status", status.view()));
  fields.push_back(make_field("content-type", response.content_type));
  fields.push_back(make_field("content-length", length.view()));
  if (!host_.date().empty()) fields.push_back(make_field("date", host_.date()));
  if (response.retry_after) fields.push_back(make_field("retry-after", retry.view()));
  if (!response.extra.name.empty()) {
    fields.push_back(make_field(response.extra.name, response.extra.value));
  }
  if (stream.method != "HEAD") stream.answer = std::move(response.body);
  nghttp2_data_provider body{};
  body.read_callback = [](nghttp2_session*, std::int32_t stream_id, std::uint8_t* out,
                          std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                          void* user) {
    return self(user).read_answer(stream_id, out, size, flags);
  };
  const bool has_body = !stream.answer.empty();
  nghttp2_submit_response(session_, id, fields.data(), fields.size(), has_body ? &body : nullptr);
}

ssize_t Http2Session::read_answer(std::int32_t id, std::uint8_t* out, std::size_t size,
                                  std::uint32_t* flags) {
  Stream* stream = find(id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const std::size_t count = std::min(size, stream->answer.size() - stream->answer_sent);
  std::copy_n(stream->answer.data() + stream->answer_sent, count, out);
  stream->answer_sent += count;
  if (stream->answer_sent == stream->answer.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

// An answer given before the request's end: the rest of the request is not wanted.
void Http2Session::on_frame_sent(const nghttp2_frame& frame) {
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  const Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr || stream->ended) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_NO_ERROR);
}

// A request served to its end pays for the window updates that it causes; one that was reset
// pays for nothing.
void Http2Session::on_stream_close(std::int32_t id, std::uint32_t error) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  if (error == NGHTTP2_NO_ERROR) {
    control_credit_ = std::min(limits_.control_frames_burst, control_credit_ + 2);
  }
  memory_.used -= found->second.counted;
  unfinished_bytes_ -= found->second.counted;
  streams_.erase(found);
  if (streams_.empty()) idle_since_ = now_;
}

bool Http2Session::spend_control_frame() {
  control_credit_ -= 1;
  if (control_credit_ >= 0) return true;
  nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
  return false;
}

void Http2Session::refill(MonotonicTime now) {
  const std::chrono::duration<double> passed = now - now_;
  control_credit_ = std::min(limits_.control_frames_burst,
                             control_credit_ + passed.count() * limits_.control_frames_per_second);
  now_ = now;
}

void Http2Session::flush() {
  while (!blocked_ && !finished_) {
    const std::uint8_t* piece = nullptr;
    Bytes gathered;
    ssize_t size = 0;
    while (gathered.size() < kOutputPieceBytes &&
           (size = nghttp2_session_mem_send(session_, &piece)) > 0) {
      gathered.append(view(piece, static_cast<std::size_t>(size)));
    }
    if (!gathered.empty()) host_.on_output(gathered);
    if (size < 0) fatal_ = true;
    if (size <= 0) break;
  }
  if (blocked_ || finished_) return;
  const bool nothing_left =
      nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (fatal_ || nothing_left || (last_ && streams_.empty())) finished_ = true;
}

}  // namespace

std::unique_ptr<Session> make_http2_session(const SessionLimits& limits, BodyMemory& memory,
                                            SessionHost& host, MonotonicTime now) {
  return std::make_unique<Http2Session>(limits, memory, host, now);
}

}  // namespace longwire::http
