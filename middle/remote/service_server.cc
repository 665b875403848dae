#include "middle/remote/service_server.h"

#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "middle/remote/methods.h"

namespace longwire::middle::remote {
namespace {

using Serve = void (*)(Service& service, IncomingMessage& message, Reply reply);

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
template <typename... Params, std::size_t... I>
void serve_with(Service& service, void (Service::*member)(Params...), IncomingMessage& message,
                Reply reply, std::index_sequence<I...>) {
  using All = std::tuple<std::decay_t<Params>...>;
  using Done = std::tuple_element_t<sizeof...(I), All>;
  std::chrono::milliseconds deadline{0};
  auto arguments = message.arguments<std::tuple<std::tuple_element_t<I, All>...>>(deadline);
  if (!arguments.ok()) return reply_failure(message.head(), arguments.error(), reply);
  (service.*member)(std::move(std::get<I>(*arguments))...,
                    replying<typename AnswerOf<Done>::Type>(message.head(), std::move(reply)));
}

template <typename... Params>
void serve_member(Service& service, void (Service::*member)(Params...), IncomingMessage& message,
                  Reply reply) {
  serve_with(service, member, message, std::move(reply),
             std::make_index_sequence<sizeof...(Params) - 1>());
}

template <std::size_t Row>
void serve_row(Service& service, IncomingMessage& message, Reply reply) {
  using Method = std::tuple_element_t<Row, std::remove_const_t<decltype(kMethods)>>;
  serve_member(service, Method::kMember, message, std::move(reply));
}

template <std::size_t... Row>
std::unordered_map<std::string_view, Serve> make_rows(std::index_sequence<Row...>) {
  return {{std::get<Row>(kMethods).name, &serve_row<Row>}...};
}

}  // namespace

void reply_failure(const MessageHead& call, Error error, const Reply& reply) {
  OutgoingMessage answer = reply_to(call);
  answer.field(1, wire::Failure{std::move(error)});
  reply(std::move(answer));
}

void serve_call(Service& service, IncomingMessage& message, Reply reply) {
  static const auto rows =
      make_rows(std::make_index_sequence<std::tuple_size_v<decltype(kMethods)>>());
  const auto row = rows.find(message.head().name);
  if (row == rows.end()) {
    return reply_failure(message.head(), {ErrorCode::kUnsupported, "no such call of the middle"},
                         reply);
  }
  row->second(service, message, std::move(reply));
}

}  // namespace longwire::middle::remote
