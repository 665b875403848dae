#include "middle/remote/service_server.h"

#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "middle/remote/methods.h"
#include "middle/wire/peer_fields.h"

namespace longwire::middle::remote {
namespace {

template <typename Face>
using Serve = void (*)(Face& face, const AddressNext& address_next, IncomingMessage& message,
                       Reply reply);
template <typename Face>
using Rows = std::unordered_map<std::string_view, Serve<Face>>;

template <typename Callback>
struct AnswerOf;
template <typename R>
struct AnswerOf<Callback<R>> {
  using Type = R;
};

OutgoingMessage reply_to(const MessageHead& call) {
  return OutgoingMessage({MessageKind::kReply, call.name, call.id});
}

template <typename R>
Callback<R> replying(const MessageHead& call, Reply reply) {
  return [call, reply = std::move(reply)](Result<R> result) {
    if (!result.ok()) return reply_failure(call, std::move(result).error(), reply);
    OutgoingMessage answer = reply_to(call);
    if constexpr (!std::is_void_v<R>) answer.field(0, *result);
    reply(std::move(answer));
  };
}

// A method's parameters but for the last, which is its callback.
template <typename Face, typename... Params, std::size_t... I>
void serve_with(Face& face, const AddressNext& address_next, void (Face::*member)(Params...),
                IncomingMessage& message, Reply reply, std::index_sequence<I...>) {
  using All = std::tuple<std::decay_t<Params>...>;
  using Done = std::tuple_element_t<sizeof...(I), All>;
  CallContext context;
  auto arguments = message.arguments<std::tuple<std::tuple_element_t<I, All>...>>(context);
  if (!arguments.ok()) return reply_failure(message.head(), arguments.error(), reply);
  address_next(context.addressed);
  (face.*member)(std::move(std::get<I>(*arguments))...,
                 replying<typename AnswerOf<Done>::Type>(message.head(), std::move(reply)));
}

template <typename Face, typename... Params>
void serve_member(Face& face, const AddressNext& address_next, void (Face::*member)(Params...),
                  IncomingMessage& message, Reply reply) {
  serve_with(face, address_next, member, message, std::move(reply),
             std::make_index_sequence<sizeof...(Params) - 1>());
}

template <typename Face, const auto& Table, std::size_t Row>
void serve_row(Face& face, const AddressNext& address_next, IncomingMessage& message, Reply reply) {
  using Method = std::tuple_element_t<Row, std::remove_cvref_t<decltype(Table)>>;
  serve_member(face, address_next, Method::kMember, message, std::move(reply));
}

template <typename Face, const auto& Table, std::size_t... Row>
Rows<Face> make_rows(std::index_sequence<Row...>) {
  return {{std::get<Row>(Table).name, &serve_row<Face, Table, Row>}...};
}

template <typename Face, const auto& Table>
bool serve_of(Face& face, const AddressNext& address_next, IncomingMessage& message,
              const Reply& reply) {
  static const Rows<Face> rows = make_rows<Face, Table>(
      std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(Table)>>>());
  const auto row = rows.find(message.head().name);
  if (row == rows.end()) return false;
  row->second(face, address_next, message, reply);
  return true;
}

}  // namespace

void reply_failure(const MessageHead& call, Error error, const Reply& reply) {
  OutgoingMessage answer = reply_to(call);
  answer.field(1, wire::Failure{std::move(error)});
  reply(std::move(answer));
}

void serve_call(const Faces& faces, IncomingMessage& message, const Reply& reply) {
  if (serve_of<Service, kMethods>(faces.service, faces.address_next, message, reply)) return;
  if (serve_of<PeerService, kPeerMethods>(faces.peers, faces.address_next, message, reply)) return;
  reply_failure(message.head(), {ErrorCode::kUnsupported, "no such call of the middle"}, reply);
}

void serve_oneway(PeerService& peers, IncomingMessage& message) {
  const std::string_view name = message.head().name;
  if (name == kLane) {
    take_oneway<LaneMessage>(message, [&](LaneMessage lane) { peers.lane(std::move(lane)); });
  } else if (name == kLaneTaken) {
    take_oneway<LaneConfirm>(message, [&](const LaneConfirm& taken) { peers.lane_taken(taken); });
  } else if (name == kFeedBeganAnew) {
    take_oneway<FeedId>(message, [&](FeedId feed) { peers.feed_began_anew(std::move(feed)); });
  }
}

}  // namespace longwire::middle::remote
