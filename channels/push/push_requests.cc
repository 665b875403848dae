// What a device asks for, and what it says without asking.

#include <algorithm>
#include <utility>

#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"
#include "channels/push/push_frames.h"
#include "channels/push/push_handler.h"
#include "channels/push/reader_filter.h"
#include "middle/model/names.h"

namespace longwire::channels {

namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kPackageBytesMax = 255;
constexpr std::size_t kOldNameBytesMax = 255;
constexpr std::int32_t kFetchEntriesMax = 32;
constexpr std::size_t kFetchBytesMax = 64 * 1024;
constexpr CodecLimits kLimits{.bytes_max = 64 * 1024, .string_max = 1024, .items_max = 512};

bool is_name(const std::string& text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Error invalid(const char* text) { return {ErrorCode::kInvalidArgument, text}; }
Error no_such_registration() {
  return {ErrorCode::kNotFound, "this device has no such registration"};
}

// Null: `name` may be carried. A name that no sender can address is of no use to a device.
const char* problem_of(const std::string& name) {
  if (name.empty()) return "a name must not be empty";
  if (!middle::is_plain_name(name)) return "a name must be UTF-8 without control characters";
  if (!middle::is_listable_name(name))
    return "a name must not hold a comma, nor begin or end with a space: no sender can address it";
  static_assert(middle::kNameCharactersMax == 128);
  if (middle::is_name_too_long(name)) return "a name has at most 128 characters";
  return nullptr;
}

middle::FeedNumber number_of(std::int64_t value) {
  return value < 0 ? 0 : static_cast<middle::FeedNumber>(value);
}

}  // namespace

middle::DeviceId PushHandler::device() const {
  return middle::DeviceId(session_.account().value());
}

template <typename T, typename Next>
Callback<T> PushHandler::then(FrameReply reply, Next next) {
  if (alive_ == nullptr) alive_ = std::make_shared<char>();
  ++in_flight_;
  return [this, alive = std::weak_ptr<char>(alive_), reply = std::move(reply),
          next = std::move(next)](Result<T> result) mutable {
    if (alive.expired()) return;  // the session is gone, and with it who asked
    --in_flight_;
    if (!result.ok()) return reply(result.error());
    if constexpr (std::is_void_v<T>) {
      reply(next());
    } else {
      reply(next(*result));
    }
  };
}

// ---- requests

void PushHandler::on_request(BytesView frame, FrameReply reply) {
  auto decoded = decode_compact<wire::ClientFrame>(frame, kLimits);
  if (!decoded.ok()) {
    loop_.malformed.add();
    return reply(decoded.error());
  }
  if (in_flight_ >= loop_.config.requests_in_flight_max)
    return reply(Error{ErrorCode::kResourceExhausted, "too many requests at once",
                       std::chrono::milliseconds(1000)});
  answer(*decoded, std::move(reply));
}

void PushHandler::answer(const wire::ClientFrame& frame, FrameReply reply) {
  const auto& set = frame.__isset;
  if (set.register_app) return register_app(frame.register_app, std::move(reply));
  if (set.unregister_app) return unregister_app(frame.unregister_app, std::move(reply));
  if (set.change_name) return change_name(frame.change_name, std::move(reply));
  if (set.list_names) return list_names(frame.list_names, std::move(reply));
  if (set.fetch) return fetch(frame.fetch, std::move(reply));
  if (set.acknowledgements || set.positions)
    return reply(invalid("this frame has no answer: it is not a request"));
  reply(Error{ErrorCode::kUnsupported, "this server does not know the request"});
}

void PushHandler::register_app(const wire::Register& request, FrameReply reply) {
  if (!is_name(request.app_id, kIdBytesMax)) return reply(invalid("app_id"));
  if (!is_name(request.app_key, kKeyBytesMax)) return reply(invalid("app_key"));
  if (!is_name(request.package_name, kPackageBytesMax)) return reply(invalid("package_name"));
  if (request.app_version.size() > kIdBytesMax) return reply(invalid("app_version"));
  middle::RegisterRequest ask{.device = device(),
                              .app = middle::AppId(request.app_id),
                              .key = middle::AppKey(request.app_key),
                              .package = middle::PackageName(request.package_name),
                              .app_version = request.app_version};
  auto served = [this](const middle::RegistrationView& view) {
    const Reader& reader = take_view(view);
    Bytes frame = registered_frame(view.registration, reader.incarnation);
    // Its answer goes out first: entries come by later turns of the loop.
    serve(*find(view.registration.id.value()));
    return frame;
  };
  loop_.service.register_app(std::move(ask),
                             then<middle::RegistrationView>(std::move(reply), std::move(served)));
}

void PushHandler::unregister_app(const wire::Unregister& request, FrameReply reply) {
  if (find(request.reg_id) == nullptr) return reply(no_such_registration());
  const middle::RegId id(request.reg_id);
  loop_.service.unregister_app(device(), id, then<void>(std::move(reply), [this, id] {
                                 remove(id);
                                 return done_frame();
                               }));
}

void PushHandler::change_name(const wire::ChangeName& request, FrameReply reply) {
  // Names that were carried before this rule can still be taken away.
  const char* problem = problem_of(request.name);
  if (problem != nullptr && (request.carried || !is_name(request.name, kOldNameBytesMax)))
    return reply(invalid(problem));
  if (find(request.reg_id) == nullptr) return reply(no_such_registration());
  middle::NameChange change{
      .registration = middle::RegId(request.reg_id), .device = device(), .name = request.name};
  middle::Service& service = loop_.service;
  if (request.kind == wire::NameKind::TOPIC)
    return change_topic(std::move(change), request.carried, std::move(reply));
  if (request.kind != wire::NameKind::ALIAS && request.kind != wire::NameKind::ACCOUNT)
    return reply(Error{ErrorCode::kUnsupported, "this server does not know that kind of name"});
  auto done = then<void>(std::move(reply), [] { return done_frame(); });
  if (request.kind == wire::NameKind::ALIAS) {
    if (request.carried) return service.set_alias(std::move(change), std::move(done));
    return service.unset_alias(std::move(change), std::move(done));
  }
  if (request.carried) return service.set_user_account(std::move(change), std::move(done));
  service.unset_user_account(std::move(change), std::move(done));
}

void PushHandler::change_topic(middle::NameChange change, bool carried, FrameReply reply) {
  const middle::RegId id = change.registration;
  hold_app_feed(*find(id.value()));
  auto released = [this, id, r = std::move(reply)](Result<Bytes> answer) mutable {
    release_app_feed(id);
    r(std::move(answer));
  };
  auto done = then<middle::RegistrationView>(std::move(released),
                                             [this](const middle::RegistrationView& v) {
                                               // Unregistered meanwhile: its feeds are not to come
                                               // back.
                                               if (find(v.registration.id.value()) != nullptr)
                                                 take_view(v);
                                               return done_frame();
                                             });
  if (carried) return loop_.service.subscribe(std::move(change), std::move(done));
  loop_.service.unsubscribe(std::move(change), std::move(done));
}

// An expression of the app's feed may be covered by the new interval before its numbers are known
// here: entries wait for the answer.
void PushHandler::hold_app_feed(Reader& reader) {
  ++reader.tag_changes;
  for (FollowedFeed& feed : reader.feeds) {
    if (feed.following != Following::kYes || !held(reader, feed)) continue;
    feed.following = Following::kPaused;
    loop_.hub.pause(feed.subscription);
  }
}

void PushHandler::release_app_feed(const middle::RegId& registration) {
  Reader* reader = find(registration.value());
  if (reader == nullptr || reader->tag_changes == 0) return;
  if (--reader->tag_changes > 0 || session_.blocked()) return;
  for (FollowedFeed& feed : reader->feeds) {
    if (feed.following == Following::kParked && reader->served) start(*reader, feed);
    if (feed.following != Following::kPaused) continue;
    feed.following = Following::kYes;
    loop_.hub.resume(feed.subscription);
  }
}

void PushHandler::list_names(const wire::ListNames& request, FrameReply reply) {
  if (find(request.reg_id) == nullptr) return reply(no_such_registration());
  loop_.service.show_registration(
      middle::RegId(request.reg_id),
      then<middle::RegistrationView>(std::move(reply), [](const middle::RegistrationView& view) {
        return names_frame(view.registration);
      }));
}

void PushHandler::fetch(const wire::Fetch& request, FrameReply reply) {
  Reader* reader = find(request.reg_id);
  if (reader == nullptr) return reply(no_such_registration());
  const FollowedFeed* feed = find(*reader, request.feed);
  if (feed == nullptr) return reply(Error{ErrorCode::kNotFound, "it does not read that feed"});
  const std::int32_t asked = request.__isset.limit ? request.limit : kFetchEntriesMax;
  const middle::FeedNumber after = number_of(request.after);
  middle::ReadRequest read{
      .feed = feed->id(),
      .after = after,
      .entries_max = static_cast<std::size_t>(std::clamp(asked, 1, kFetchEntriesMax)),
      .bytes_max = kFetchBytesMax};
  auto answer = [this, registration = reader->id, id = feed->id(),
                 after](const middle::FeedPage& page) {
    return fetched(registration, id, page, after);
  };
  loop_.service.read_feed(std::move(read),
                          then<middle::FeedPage>(std::move(reply), std::move(answer)));
}

// Moves no cursor: what was fetched is pushed all the same, and the SDK drops what it has.
Bytes PushHandler::fetched(const middle::RegId& registration, const middle::FeedId& id,
                           const middle::FeedPage& page, middle::FeedNumber after) {
  FetchedPage out{.pushes = {}, .looked_at_to = after, .tail = page.tail};
  Reader* reader = find(registration.value());
  FollowedFeed* feed = reader == nullptr ? nullptr : find(*reader, id.value());
  const Timestamp now = loop_.environment.clock.now();
  for (const middle::EntryPtr& entry : page.entries) {
    out.looked_at_to = entry->number;
    if (feed == nullptr || entry->kind != middle::EntryKind::kMessage) continue;
    if (is_gone(*entry, now) || is_collapsed(*entry, page.entries, now)) continue;
    if (!is_for(*reader, *feed, *entry)) continue;
    FetchedPush push{.entry = entry, .sealed = {}};
    const SealedAs as{.registration = registration.value(),
                      .feed = id.value(),
                      .number = entry->number,
                      .nonce = entry->id.view()};
    loop_.sealer.seal(key(*reader, *feed), as, entry->body, push.sealed);
    out.pushes.push_back(std::move(push));
  }
  return fetched_frame(registration, id, out, static_cast<std::int32_t>(loop_.sealer.cipher()));
}

// ---- frames without answer

void PushHandler::on_frame(BytesView frame) {
  auto decoded = decode_compact<wire::ClientFrame>(frame, kLimits);
  if (!decoded.ok()) {
    loop_.malformed.add();
    if (!session_.blocked()) session_.send_frame(kPushName, failure_frame(decoded.error()));
    return;
  }
  if (decoded->__isset.acknowledgements) return take_acknowledgements(decoded->acknowledgements);
  if (decoded->__isset.positions) return take_positions(decoded->positions);
  if (session_.blocked()) return;
  session_.send_frame(kPushName, failure_frame(invalid("a request is sent as one")));
}

void PushHandler::take_acknowledgements(const wire::Acknowledgements& acknowledgements) {
  Status status;
  for (const wire::Acknowledgement& item : acknowledgements.items) {
    Reader* reader = find(item.reg_id);
    FollowedFeed* feed = reader == nullptr ? nullptr : find(*reader, item.feed);
    if (feed == nullptr) continue;  // ended meanwhile
    Status one = feed->acknowledge(number_of(item.number));
    if (!one.ok()) {
      loop_.refused.add();
      status = std::move(one);
    }
    if (feed->due()) loop_.flusher.mark(*this);
  }
  // One complaint a frame, and none to a peer that does not read.
  if (!status.ok() && !session_.blocked())
    session_.send_frame(kPushName, failure_frame(status.error()));
}

// Only the first after bind or resumption counts: a peer cannot have feeds read again at will.
void PushHandler::take_positions(const wire::Positions& positions) {
  if (positions_known_) return;
  for (const auto& registration : positions.registrations) take_positions(registration);
  if (positions.__isset.more && positions.more) return;
  positions_known_ = true;
  for (Reader& reader : readers_)
    if (reader.served) serve(reader);
}

void PushHandler::take_positions(const wire::RegistrationPositions& positions) {
  Reader* reader = find(positions.reg_id);
  if (reader == nullptr) {
    if (!session_.blocked())
      session_.send_frame(kPushName, ended_frame(middle::RegId(positions.reg_id)));
    return;
  }
  reader->served = true;  // followed after the last frame
  if (positions.incarnation != reader->incarnation.value()) {
    for (FollowedFeed& feed : reader->feeds) feed.reset();
    session_.send_frame(kPushName, reset_frame(reader->id, reader->incarnation, nullptr));
    return;
  }
  for (const wire::FeedPosition& position : positions.feeds) {
    FollowedFeed* feed = find(*reader, position.feed);
    if (feed == nullptr) continue;
    const bool same =
        !position.__isset.incarnation || position.incarnation == reader->incarnation.value();
    if (same) {
      feed->claim(number_of(position.number));
      continue;
    }
    feed->reset();
    session_.send_frame(kPushName, reset_frame(reader->id, reader->incarnation, &feed->id()));
  }
}

}  // namespace longwire::channels
