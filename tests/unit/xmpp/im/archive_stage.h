#pragma once

// Romeo, who says numbers, and Juliet, who has several resources and an archive.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/script/stage.h"

namespace longwire::xmpp {

class ArchiveReaderTest : public testing::Test {
 protected:
  ArchiveReaderTest() {
    stage_.add_user("romeo", "secret");
    stage_.add_user("juliet", "secret");
  }
  test::Actor& juliet(const std::string& resource, const std::string& presence, bool management) {
    test::Actor& actor = stage_.log_in(resource, "juliet", "secret", resource);
    if (management) actor.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    actor.send(presence);
    stage_.settle();
    return actor;
  }
  void say(int count, int from = 0) { say_to("juliet@localhost", count, from); }
  void say_to(const std::string& to, int count, int from = 0) {
    if (!stage_.has("romeo")) stage_.log_in("romeo", "romeo", "secret", "r");
    for (int i = from; i < from + count; ++i)
      stage_.actor("romeo").send("<message type='chat' to='" + to + "'><body>" + std::to_string(i) +
                                 "</body></message>");
    stage_.settle();
  }
  // The bodies of what has come; `acknowledge` answers each request of the server.
  std::vector<int> heard(test::Actor& actor, bool acknowledge, std::uint32_t* count = nullptr) {
    std::vector<int> bodies;
    std::uint32_t none = 0;
    if (count == nullptr) count = &none;
    while (true) {
      const std::string piece = actor.next();
      if (piece.empty()) return bodies;
      if (piece.substr(0, 9) == "<presence" || piece.substr(0, 3) == "<iq") ++*count;
      if (piece.substr(0, 2) == "<r" && acknowledge) {
        actor.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(*count) + "'/>");
        stage_.settle();
      }
      if (piece.substr(0, 8) != "<message") continue;
      ++*count;
      bodies.push_back(std::stoi(piece.substr(piece.find("<body>") + 6)));
    }
  }
  static std::vector<int> numbers(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
  }
  test::Stage stage_;
};

}  // namespace longwire::xmpp
