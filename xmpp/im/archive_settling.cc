#include "xmpp/im/archive_settling.h"

#include <algorithm>
#include <utility>

namespace longwire::xmpp {
namespace {

// The number up to which all is delivered, or 0; what was found is taken out of the ids.
middle::FeedNumber delivered_up_to(const middle::FeedPage& page,
                                   std::vector<middle::MessageId>& ids) {
  middle::FeedNumber number = 0;
  for (const auto& entry : page.entries) {
    const auto known = std::find(ids.begin(), ids.end(), entry->id);
    if (known == ids.end() && !entry->body.empty()) break;
    if (known != ids.end()) ids.erase(known);
    number = entry->number;
  }
  return number;
}

}  // namespace

void settle_archive(SessionHost& host, ArchiveSettling settling) {
  // A copy made before: which argument is made first is the compiler's to choose.
  middle::XmppAccount account = settling.move.account;
  host.service->archive_cursor(std::move(account), [&host, settling = std::move(settling)](
                                                       Result<middle::FeedNumber> cursor) mutable {
    if (!cursor.ok()) return;
    middle::ReadRequest request;
    request.feed = settling.move.feed;
    request.after = std::max(*cursor, settling.move.number);
    host.service->read_feed(std::move(request), [&host, settling = std::move(settling)](
                                                    Result<middle::FeedPage> page) mutable {
      if (!page.ok()) return;
      settling.move.number = delivered_up_to(*page, settling.ids);
      if (settling.move.number > 0) host.service->acknowledge({settling.move}, [](Result<void>) {});
      // Chat is sent before it is durable: its entry may be yet to come.
      if (settling.ids.empty() || --settling.tries == 0) return;
      host.at_next_sweep.emplace_back([&host, settling = std::move(settling)]() mutable {
        settle_archive(host, std::move(settling));
      });
    });
  });
}

}  // namespace longwire::xmpp
