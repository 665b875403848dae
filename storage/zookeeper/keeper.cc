#include "storage/zookeeper/keeper.h"

#include <algorithm>
#include <utility>

#include "storage/zookeeper/member_node.h"

namespace longwire::storage::zookeeper {
namespace {

constexpr std::chrono::milliseconds kPause{500};  // after what no event ends

Error away() { return {ErrorCode::kUnavailable, "no server of zookeeper.servers answers"}; }

}  // namespace

Keeper::Keeper(const Options& options, const Clock& clock, LogSink& log, Signals& signals,
               Orders orders)
    : options_(options),
      clock_(clock),
      log_(log, "zookeeper"),
      signals_(signals),
      orders_(std::move(orders)),
      joined_by_(clock.monotonic() + options.session_timeout),
      wanted_(orders_.self.has_value()) {}

void Keeper::run() {
  Signals::State news;
  for (; !news.stop; news = signals_.take(patience())) {
    take_leaves(std::move(news.leaves));
    to_do_ = to_do_ || news.members_changed || news.link_changed;
    note_link(news.link);
    const Status status = advance(news.link);
    note(status);
    answer_leaves(status);
  }
  take_leaves(std::move(news.leaves));
  session_.reset();
  const Error ended{ErrorCode::kUnavailable, "the membership has ended"};
  answer_start(ended);
  answer_leaves(ended);
}

// How long there is nothing to do unless something is told.
std::optional<std::chrono::milliseconds> Keeper::patience() const {
  if (session_ == nullptr || (link_ == Link::kThere && to_do_)) return kPause;
  if (!orders_.joined) return std::nullopt;
  const auto left = joined_by_ - clock_.monotonic();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(1));
}

void Keeper::take_leaves(std::vector<Callback<void>> leaves) {
  if (leaves.empty()) return;
  wanted_ = false;
  to_do_ = true;
  if (orders_.self) {
    answer_start(Error{ErrorCode::kUnavailable, "it has left before it had joined"});
  }
  for (auto& done : leaves) leaves_.push_back(std::move(done));
}

void Keeper::note_link(Link link) {
  const Link before = std::exchange(link_, link);
  if (before == link) return;
  if (link == Link::kThere) {
    log_.info("connected", {{"session_timeout_ms", session_->timeout().count()}});
  } else if (link == Link::kAway && before == Link::kThere) {
    log_.warn("disconnected", {{"effect", "ownership is frozen"}});
  } else if (link == Link::kOver) {
    log_.warn("lease is over", {{"effect", "joins again"}});
  }
}

Status Keeper::advance(Link link) {
  if (link == Link::kOver) session_.reset();
  if (session_ == nullptr) {
    if (orders_.self) TRY(check(*orders_.self));
    auto opened = Session::open(options_, signals_);
    if (!opened.ok()) return opened.error();
    session_ = std::move(*opened);
    link_ = Link::kAway;
    return away();
  }
  if (link != Link::kThere) return away();
  if (!to_do_) return {};
  to_do_ = false;
  Status status = step();
  to_do_ = to_do_ || !status.ok();
  return status;
}

// A member that starts replaces its former life, and then tells. One that was a member before, and
// is none now, tells that first, and joins only where nobody else has taken the address: of two
// processes with one address the later keeps it.
Status Keeper::step() {
  if (wanted_ && !joined_once_) TRY(join());
  if (!orders_.self) TRY(create_path());
  for (;;) {
    auto entries = read();
    if (!entries.ok()) return entries.error();
    std::erase_if(*entries, [this](const Entry& each) { return is_of_an_earlier_session(each); });
    tell(*entries);
    if (!orders_.self) {
      answer_start({});
      return {};
    }
    const auto found = std::find_if(entries->begin(), entries->end(), [this](const Entry& each) {
      return each.member.address == orders_.self->address;
    });
    const bool is_in = found != entries->end() && is_mine(*found);
    if (is_in == wanted_) return {};
    if (is_in) {
      TRY(remove());
    } else if (found == entries->end()) {
      TRY(join());
    } else {
      return Error{ErrorCode::kUnavailable,
                   "another process has joined as " + orders_.self->address};
    }
  }
}

Status Keeper::remove() {
  Status removed = session_->remove(node_path(options_.path, orders_.self->address));
  if (!removed.ok() && removed.error().code == ErrorCode::kNotFound) return {};
  return removed;
}

Status Keeper::join() {
  TRY(create_path());
  const std::string node = node_path(options_.path, orders_.self->address);
  const Bytes data = encode_member(*orders_.self);
  Status joined = session_->create_ephemeral(node, data);
  if (!joined.ok() && joined.error().code == ErrorCode::kAlreadyExists) {
    // Ours after all, its answer was lost; or of an earlier life, which may have a lease still.
    const auto found = session_->get(node);
    if (found.ok() && found->owner == session_->id()) {
      joined = {};
    } else {
      joined = session_->replace_ephemeral(node, data);
    }
  }
  if (!joined.ok()) {
    if (joined.error().code != ErrorCode::kNotFound) return joined;
    return Error{ErrorCode::kUnavailable, "the node of an earlier life went meanwhile"};
  }
  joined_once_ = true;
  log_.info("joined", {{"address", orders_.self->address}});
  answer_start({});
  return {};
}

Status Keeper::create_path() {
  const std::string path = members_path(options_.path);
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    TRY(create_where_missing(path.substr(0, end)));
    if (end == std::string::npos) return {};
  }
}

// Looks first: the right to make a node is asked for before it is seen that there is one.
Status Keeper::create_where_missing(const std::string& path) {
  const auto found = session_->get(path);
  if (found.ok()) return {};
  if (found.error().code != ErrorCode::kNotFound) return found.error();
  Status made = session_->create_lasting(path);
  if (!made.ok() && made.error().code == ErrorCode::kAlreadyExists) return {};
  return made;
}

// Who was there at one moment: where the names have changed before the last answer, it is read
// again. The library tells of a change before it tells what is later than the change.
Result<Keeper::Entries> Keeper::read() {
  for (;;) {
    signals_.take_members_changed();
    auto names = session_->watch_children(members_path(options_.path));
    if (!names.ok()) return names.error();
    std::sort(names->begin(), names->end());
    Entries entries;
    for (const std::string& name : *names) {
      auto entry = read_member(name);
      if (!entry.ok()) return entry.error();
      if (*entry) entries.push_back(std::move(**entry));
    }
    if (!signals_.take_members_changed()) return entries;
  }
}

// Nothing: it has gone meanwhile, or is no member.
Result<std::optional<Keeper::Entry>> Keeper::read_member(const std::string& address) {
  const auto node = session_->get(node_path(options_.path, address));
  if (!node.ok() && node.error().code == ErrorCode::kNotFound) return std::optional<Entry>();
  if (!node.ok()) return node.error();
  auto member = decode_member(address, node->data);
  if (!member) {
    log_.warn("not a member's node", {{"node", node_path(options_.path, address)}});
    return std::optional<Entry>();
  }
  return std::optional(Entry{std::move(*member), node->owner});
}

bool Keeper::is_mine(const Entry& entry) const {
  return entry.member == *orders_.self && entry.owner == session_->id();
}

// A server that lags behind the others may show it after we were told that it is over.
bool Keeper::is_of_an_earlier_session(const Entry& entry) const {
  return orders_.self && entry.member == *orders_.self && entry.owner != session_->id();
}

void Keeper::tell(const Entries& entries) {
  middle::Members members;
  for (const Entry& entry : entries) members.push_back(entry.member);
  if (told_ == members) return;
  told_ = members;
  orders_.changed(std::move(members));
}

void Keeper::note(const Status& status) {
  const bool late = clock_.monotonic() >= joined_by_;
  if (!status.ok()) {
    const Error& error = status.error();
    if (late || error.code == ErrorCode::kInvalidArgument) answer_start(error);
    if (link_ == Link::kThere && error.message != failure_) {
      log_.warn("failed", {{"error", error.message}, {"effect", "tries again"}});
    }
  }
  failure_ = status.ok() ? "" : status.error().message;
}

void Keeper::answer_start(Status status) {
  if (auto joined = std::exchange(orders_.joined, nullptr)) joined(std::move(status));
}

void Keeper::answer_leaves(const Status& status) {
  for (auto& done : std::exchange(leaves_, {})) done(status);
}

}  // namespace longwire::storage::zookeeper
