#include "daemon/control/json_views.h"

#include <string_view>
#include <utility>

namespace longwire::daemon {
namespace {

template <typename T>
Json values(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(item.value());
  return list;
}

Json time_json(const std::optional<Timestamp>& time) { return time ? Json(time->ms) : Json(); }

std::string_view target_name(middle::TargetKind target) {
  switch (target) {
    case middle::TargetKind::kRegId:
      return "regId";
    case middle::TargetKind::kAlias:
      return "alias";
    case middle::TargetKind::kUserAccount:
      return "account";
    case middle::TargetKind::kTopic:
      return "topic";
    case middle::TargetKind::kAll:
      return "all";
  }
  return "unknown";
}

Json tags_json(const middle::Registration& registration) {
  Json list = Json::array();
  for (const auto& interval : registration.tags) {
    if (!interval.topic_until) list.push_back(interval.tag.value());
  }
  return list;
}

Json registration_json(const middle::RegistrationView& view) {
  const middle::Registration& registration = view.registration;
  Json feeds = Json::array();
  for (const auto& feed : view.feeds) {
    feeds.push_back({{"feed", feed.feed.value()}, {"cursor", feed.cursor}, {"since", feed.since}});
  }
  return {{"regId", registration.id.value()},
          {"appId", registration.app.value()},
          {"package", registration.package.value()},
          {"appVersion", registration.app_version},
          {"created", registration.created.ms},
          {"aliases", values(registration.aliases)},
          {"accounts", values(registration.accounts)},
          {"topics", tags_json(registration)},
          {"feeds", std::move(feeds)}};
}

Json feed_status_json(const middle::FeedStatus& feed) {
  const bool ended = feed.until.has_value() && feed.cursor + 1 >= *feed.until;
  const std::uint64_t waiting = ended || feed.cursor >= feed.tail ? 0 : feed.tail - feed.cursor;
  return {{"feed", feed.feed.value()},
          {"cursor", feed.cursor},
          {"tail", feed.tail},
          {"waiting", waiting},
          {"until", feed.until ? Json(*feed.until) : Json()}};
}

Json copy_json(const middle::TraceCopy& copy) {
  return {{"regId", copy.registration.value()}, {"state", middle::copy_state_name(copy.state)},
          {"feed", copy.feed.value()},          {"number", copy.number},
          {"at", time_json(copy.at)},           {"reason", copy.reason}};
}

}  // namespace

Json app_json(const middle::App& app) {
  return {{"appId", app.id.value()},
          {"appKey", app.key.value()},
          {"name", app.name},
          {"packages", values(app.packages)},
          {"created", app.created.ms}};
}

Json created_app_json(const middle::CreatedApp& created) {
  Json document = app_json(created.app);
  document["appSecret"] = created.secret;
  document["package"] = created.app.packages.empty() ? "" : created.app.packages.front().value();
  return document;
}

Json device_json(const middle::DeviceStatus& status) {
  Json registrations = Json::array();
  for (const auto& view : status.registrations) registrations.push_back(registration_json(view));
  Json feeds = Json::array();
  for (const auto& feed : status.feeds) feeds.push_back(feed_status_json(feed));
  return {{"device", status.id.value()},
          {"online", status.online},
          {"banned", status.banned},
          {"created", status.created.ms},
          {"lastContact", time_json(status.last_contact)},
          {"session", status.session},
          {"registrations", std::move(registrations)},
          {"feeds", std::move(feeds)}};
}

Json send_json(const middle::SendReply& reply) {
  return {{"id", reply.id.to_string()},
          {"unknown", reply.unknown},
          {"repeated", reply.repeated},
          {"addressed", reply.addressed}};
}

Json trace_json(const middle::TraceReply& reply) {
  Json copies = Json::array();
  for (const auto& copy : reply.copies) copies.push_back(copy_json(copy));
  Json view = {{"id", reply.id.to_string()},
               {"appId", reply.app.value()},
               {"target", target_name(reply.target)},
               {"names", reply.names},
               {"accepted", reply.accepted.ms},
               {"expires", reply.expires.ms},
               {"recalled", reply.recalled},
               {"resolved", reply.resolved},
               {"delivered", reply.delivered},
               {"copies", std::move(copies)},
               {"copiesTruncated", reply.copies_truncated}};
  if (reply.scheduled) view["scheduled"] = reply.scheduled->ms;
  return view;
}

Callback<void> answer_done(Callback<Json> done) {
  return [done = std::move(done)](Result<void> result) mutable {
    if (result.ok()) {
      done(Json::object());
    } else {
      done(result.error());
    }
  };
}

}  // namespace longwire::daemon
