#pragma once

// The calls of the Service and their names on the wire: one row each, for both ends.

#include <string_view>
#include <tuple>
#include <type_traits>

#include "middle/service.h"

namespace longwire::middle::remote {

// Oneways: of a front end to the middle, and of the middle to a front end.
inline constexpr std::string_view kInterest = "interest";
inline constexpr std::string_view kStream = "stream";
inline constexpr std::string_view kStanza = "stanza";
inline constexpr std::string_view kSessionClosed = "sessionClosed";
inline constexpr std::string_view kReceiverGone = "receiverGone";
inline constexpr std::string_view kRegistrationChanged = "registrationChanged";

template <typename Member>
struct Method {
  std::string_view name;
  Member member;
};
template <typename Member>
Method(const char*, Member) -> Method<Member>;

inline constexpr std::tuple kMethods{
    Method{"send", &Service::send},
    Method{"recall", &Service::recall},
    Method{"trace", &Service::trace},

    Method{"createApp", &Service::create_app},
    Method{"listApps", &Service::list_apps},
    Method{"rotateSecret", &Service::rotate_secret},
    Method{"findAppBySecret", &Service::find_app_by_secret},
    Method{"findAppByKey", &Service::find_app_by_key},

    Method{"addUser", &Service::add_user},
    Method{"setPassword", &Service::set_password},
    Method{"removeUser", &Service::remove_user},
    Method{"listUsers", &Service::list_users},

    Method{"createDevice", &Service::create_device},
    Method{"showDevice", &Service::show_device},
    Method{"listDevices", &Service::list_devices},
    Method{"removeDevice", &Service::remove_device},
    Method{"kickDevice", &Service::kick_device},
    Method{"banDevice", &Service::ban_device},

    Method{"credentials", &Service::credentials},
    Method{"openSession", &Service::open_session},
    Method{"closeSession", &Service::close_session},

    Method{"registerApp", &Service::register_app},
    Method{"unregisterApp", &Service::unregister_app},
    Method{"setAlias", &Service::set_alias},
    Method{"unsetAlias", &Service::unset_alias},
    Method{"setUserAccount", &Service::set_user_account},
    Method{"unsetUserAccount", &Service::unset_user_account},
    Method{"subscribe", &Service::subscribe},
    Method{"unsubscribe", &Service::unsubscribe},
    Method{"showRegistration", &Service::show_registration},

    Method{"readFeed", &Service::read_feed},
    Method{"acknowledge", &Service::acknowledge},

    Method{"route", &Service::route},
    Method{"setPresence", &Service::set_presence},
    Method{"presences", &Service::presences},
    Method{"archiveCursor", &Service::archive_cursor},
    Method{"getRoster", &Service::get_roster},
    Method{"getRosterItem", &Service::get_roster_item},
    Method{"putRosterItem", &Service::put_roster_item},
    Method{"removeRosterItem", &Service::remove_roster_item},
};

// The name of one, which has to be in the table.
template <auto Member>
constexpr std::string_view name_of() {
  std::string_view name;
  std::apply(
      [&](const auto&... rows) {
        const auto look = [&](const auto& row) {
          if constexpr (std::is_same_v<decltype(row.member),
                                       std::remove_const_t<decltype(Member)>>) {
            if (row.member == Member) name = row.name;
          }
        };
        (look(rows), ...);
      },
      kMethods);
  return name;
}

}  // namespace longwire::middle::remote
