#pragma once

// An entry that goes to many readers is encoded once. A push frame is
//
//   prefix(regId) | middle of the entry | sealed body | suffix
//
// of which only the regId and the sealed body differ between readers. The bytes are those of
// ServerFrame.push in compact protocol; a test decodes them with the generated code.

#include <array>
#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "channels/aead/seal.h"
#include "middle/model/message.h"

namespace longwire::channels {

struct EntryTemplate {
  middle::EntryPtr entry;  // shared with the hub's window: kept alive while its bytes are used
  middle::FeedId feed;
  Bytes middle;
};

EntryTemplate make_entry_template(const middle::EntryPtr& entry, const middle::FeedId& feed,
                                  SealCipher cipher);
void append_push_prefix(std::string_view registration, Bytes& out);
void append_push_suffix(Bytes& out);

// The latest templates of a loop, at most kTemplatesMax, each with its entry. Loop-bound.
class EntryTemplates final {
 public:
  static constexpr std::size_t kTemplatesMax = 64;
  explicit EntryTemplates(SealCipher cipher) : cipher_(cipher) {}
  // Valid until the next call.
  const EntryTemplate& of(const middle::EntryPtr& entry, const middle::FeedId& feed);

 private:
  SealCipher cipher_;
  std::array<EntryTemplate, kTemplatesMax> slots_;
};

}  // namespace longwire::channels
