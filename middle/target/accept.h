#pragma once

// Accepting a send: one commit in the message's home. Functions over a partition's rows.
//
// A list of names, and the aliases in it, are resolved before, each by its owner; the commit is
// then one for all, with one lane item per other partition concerned. (Resolving inside of lane
// items would need items that make items.) A single alias is resolved in the commit itself.

#include "middle/partition/transaction.h"
#include "middle/target/plan.h"

namespace longwire::middle {

struct AcceptLimits {
  std::chrono::milliseconds repeat_window{};  // ids and idempotency keys are known so long
  std::size_t app_feed_live_max = 0;
};

// What was found for the names of a plan.
struct Resolved {
  std::vector<Recipient> recipients;
  std::vector<std::string> unknown;
};

// A send to registrations. kNotFound: it addresses nobody. kUnavailable: a lane is full.
Result<SendReply> accept_for_inboxes(Transaction& transaction, const SendPlan& plan,
                                     const Resolved& resolved, const AcceptLimits& limits);
// A single alias or account, owned here.
Result<SendReply> accept_for_name(Transaction& transaction, const SendPlan& plan,
                                  const AcceptLimits& limits);
// A topic, expression or broadcast: one append.
Result<SendReply> accept_for_feed(Transaction& transaction, const SendPlan& plan,
                                  const AcceptLimits& limits);
// A send that waits for its time.
Result<SendReply> accept_for_later(Transaction& transaction, const SendPlan& plan,
                                   const AcceptLimits& limits);

// A scheduled send that addresses nobody when its time comes: its end is kept for trace.
Status reject_scheduled(Transaction& transaction, const MessageId& id, Timestamp when,
                        const std::string& reason);

// The effect of a lane item, and of a send to registrations that live here.
Status deliver(Transaction& transaction, const Delivery& delivery);

// Marks the body, withdraws the copies; what other partitions have is told by their lanes.
// A message of another app is not found.
Status recall(Transaction& transaction, const AppId& app, const MessageId& id);
Status apply_recall(Transaction& transaction, const RecallNotice& notice);

// May this registration be addressed by the app's request? Empty: yes; otherwise why not.
Result<std::string> why_not_addressed(Transaction& transaction, const RegId& registration,
                                      const AppId& app, const std::vector<PackageName>& packages);

}  // namespace longwire::middle
