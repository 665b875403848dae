#pragma once

// The calls of the Service, and of the PeerService, and their names on the wire: one row each, for
// both ends.

#include <cstdint>
#include <string_view>
#include <tuple>

#include "middle/peer_service.h"
#include "middle/service.h"

namespace longwire::middle::remote {

// The first call of a front end: its node, its version, and the turn of this connection
// (NodeEnd::turn); answered with a Welcome.
inline constexpr std::string_view kHello = "hello";
inline constexpr std::int32_t kVersion = 1;

// Asks nothing: whoever answers is there.
inline constexpr std::string_view kPing = "ping";

// Oneways: of a front end to the middle, and of the middle to a front end.
inline constexpr std::string_view kInterest = "interest";
inline constexpr std::string_view kStream = "stream";
inline constexpr std::string_view kOwners = "owners";
inline constexpr std::string_view kStanza = "stanza";
inline constexpr std::string_view kSessionClosed = "sessionClosed";
inline constexpr std::string_view kReceiverGone = "receiverGone";
inline constexpr std::string_view kRegistrationChanged = "registrationChanged";

// What processes say of themselves, to be kept; and a call: all that is kept.
inline constexpr std::string_view kReport = "report";
inline constexpr std::string_view kReports = "reports";

template <auto Member>
struct Method {
  static constexpr auto kMember = Member;
  std::string_view name;
};

inline constexpr std::tuple kMethods{
    Method<&Service::send>{"send"},
    Method<&Service::recall>{"recall"},
    Method<&Service::trace>{"trace"},

    Method<&Service::create_app>{"createApp"},
    Method<&Service::list_apps>{"listApps"},
    Method<&Service::rotate_secret>{"rotateSecret"},
    Method<&Service::find_app_by_secret>{"findAppBySecret"},
    Method<&Service::find_app_by_key>{"findAppByKey"},

    Method<&Service::add_user>{"addUser"},
    Method<&Service::set_password>{"setPassword"},
    Method<&Service::remove_user>{"removeUser"},
    Method<&Service::list_users>{"listUsers"},

    Method<&Service::create_device>{"createDevice"},
    Method<&Service::show_device>{"showDevice"},
    Method<&Service::list_devices>{"listDevices"},
    Method<&Service::remove_device>{"removeDevice"},
    Method<&Service::kick_device>{"kickDevice"},
    Method<&Service::ban_device>{"banDevice"},

    Method<&Service::credentials>{"credentials"},
    Method<&Service::open_session>{"openSession"},
    Method<&Service::keep_sessions>{"keepSessions"},
    Method<&Service::close_session>{"closeSession"},

    Method<&Service::register_app>{"registerApp"},
    Method<&Service::unregister_app>{"unregisterApp"},
    Method<&Service::set_alias>{"setAlias"},
    Method<&Service::unset_alias>{"unsetAlias"},
    Method<&Service::set_user_account>{"setUserAccount"},
    Method<&Service::unset_user_account>{"unsetUserAccount"},
    Method<&Service::subscribe>{"subscribe"},
    Method<&Service::unsubscribe>{"unsubscribe"},
    Method<&Service::show_registration>{"showRegistration"},

    Method<&Service::read_feed>{"readFeed"},
    Method<&Service::acknowledge>{"acknowledge"},

    Method<&Service::route>{"route"},
    Method<&Service::set_presence>{"setPresence"},
    Method<&Service::presences>{"presences"},
    Method<&Service::archive_cursor>{"archiveCursor"},
    Method<&Service::get_roster>{"getRoster"},
    Method<&Service::get_roster_item>{"getRosterItem"},
    Method<&Service::put_roster_item>{"putRosterItem"},
    Method<&Service::remove_roster_item>{"removeRosterItem"},
};

// The same for what middle nodes ask of each other. Their oneways: those of PeerService without an
// answer.
inline constexpr std::tuple kPeerMethods{
    Method<&PeerService::feed_state>{"feedState"},
    Method<&PeerService::reset_feed>{"resetFeed"},
    Method<&PeerService::resolve>{"resolve"},
    Method<&PeerService::holders>{"holders"},
    Method<&PeerService::holds>{"holds"},
    Method<&PeerService::set_holder>{"setHolder"},
    Method<&PeerService::unset_holder>{"unsetHolder"},
    Method<&PeerService::drop_holder>{"dropHolder"},
    Method<&PeerService::trace_copies>{"traceCopies"},
    Method<&PeerService::trace_readers>{"traceReaders"},
    Method<&PeerService::devices>{"devices"},
    Method<&PeerService::give_up>{"giveUp"},
    Method<&PeerService::apps_changed>{"appsChanged"},
};
inline constexpr std::string_view kLane = "lane";
inline constexpr std::string_view kLaneTaken = "laneTaken";
inline constexpr std::string_view kFeedBeganAnew = "feedBeganAnew";

// The name of one, which has to be in the table.
template <auto Member>
inline constexpr std::string_view kNameOf = std::get<Method<Member>>(kMethods).name;
template <auto Member>
inline constexpr std::string_view kPeerNameOf = std::get<Method<Member>>(kPeerMethods).name;

}  // namespace longwire::middle::remote
