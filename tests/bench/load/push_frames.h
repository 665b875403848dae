#pragma once

// The few push frames that the load generator speaks, from the channel's own IDL.

#include <cstdint>
#include <string>
#include <string_view>

namespace longwire::bench {

// Stanzas, ready to send.
std::string register_request(std::string_view id, std::string_view domain, std::string_view app_id,
                             std::string_view app_key, std::string_view package);
std::string topic_request(std::string_view id, std::string_view domain, std::string_view reg_id,
                          std::string_view topic);
std::string positions_message(std::string_view domain, std::string_view reg_id,
                              std::string_view incarnation);
std::string acknowledgement_message(std::string_view domain, std::string_view reg_id,
                                    std::string_view feed, std::int64_t number);

struct RegisteredFrame {
  std::string reg_id;
  std::string incarnation;
};
// From the stanza's text; ends the program where it is something else.
RegisteredFrame parse_registered(std::string_view stanza);

struct PushFrame {
  std::string feed;
  std::int64_t number = 0;
};
PushFrame parse_push(std::string_view stanza);

}  // namespace longwire::bench
