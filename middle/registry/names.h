#pragma once

// Aliases and accounts: names that an app gives registrations. A name's owner partition says who
// holds it; the registration's own partition lists what it carries, told by lane items.

#include <vector>

#include "middle/partition/transaction.h"
#include "middle/registry/registry_rows.h"

namespace longwire::middle {

struct NameId {
  NameKind kind = NameKind::kAlias;
  AppId app;
  std::string name;
};
std::uint16_t home_of(const NameId& name);

// What a name's owner tells a registration's partition.
struct NameNotice {
  RegId registration;
  NameId name;
  bool carried = true;
  bool evicted = false;  // somebody else's doing: the device is told by a control entry
};

// Where a change's notice to the registration went.
struct NameChanged {
  PartitionId to = 0;
  LaneNumber number = 0;  // 0: it took effect with the change
};

// At the name's owner.
Result<std::vector<RegId>> name_holders(Transaction& transaction, const NameId& name);
// The last to set it win: beyond `holders_max` the oldest lose it. kUnavailable: a lane is full.
Result<NameChanged> set_name(Transaction& transaction, const NameId& name, const RegId& holder,
                             std::size_t holders_max);
// `evicted`: the device is told.
Result<NameChanged> unset_name(Transaction& transaction, const NameId& name, const RegId& holder,
                               bool evicted);
// The holder ended: no notice is due.
Status drop_holder(Transaction& transaction, const NameId& name, const RegId& holder);

// At the registration's partition: the effect of a notice. An ended registration ignores it.
Status apply_notice(Transaction& transaction, const NameNotice& notice,
                    std::chrono::milliseconds control_kept);

// The names of one kind that a registration lists, oldest first.
std::vector<std::string> listed_names(const Registration& registration, NameKind kind);

}  // namespace longwire::middle
