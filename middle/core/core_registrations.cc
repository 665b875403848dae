// Registrations, their names and tags. A change that concerns two partitions goes in steps, each a
// commit that may be repeated; where the server dies in between, the caller was not answered, and
// its repeat completes the work.

#include <algorithm>
#include <utility>

#include "middle/core/core.h"
#include "middle/core/gather.h"
#include "middle/feed/feed.h"
#include "middle/registry/devices.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kRegistrationsPerDevice = 500;
constexpr std::size_t kNameBytesMax = 256;

Error no_such_registration() { return {ErrorCode::kNotFound, "no such registration"}; }

Status check_name(const std::string& name) {
  if (name.empty()) return Error{ErrorCode::kInvalidArgument, "an empty name"};
  if (name.size() > kNameBytesMax)
    return Error{ErrorCode::kInvalidArgument, "the name is too long"};
  return {};
}

}  // namespace

// ---- registrations -----------------------------------------------------------------------------

void Core::register_app(RegisterRequest request, Callback<RegistrationView> done) {
  const App* app = apps_.find_by_key(request.app, request.key);
  if (app == nullptr) return done(no_app({ErrorCode::kUnauthenticated, "no such app"}));
  const auto& packages = app->packages;
  if (std::find(packages.begin(), packages.end(), request.package) == packages.end())
    return done(Error{ErrorCode::kPermissionDenied, "not a package of this app"});
  const std::uint16_t home = home_of(request.device);
  const FeedId feed = app_feed(request.app);
  confirmed_state(feed, [this, home, begun = tenure(home), r = std::move(request),
                         d = std::move(done)](Result<FeedState> state) mutable {
    if (!state) return d(state.error());
    if (is_over(begun, d)) return;
    run<StoredView>(
        home, WorkClass::kControl,
        [this, r = std::move(r), tail = state->tail](Transaction& t) -> Result<StoredView> {
          index_when_committed(t);
          auto row = add_registration(t, r, tail, kRegistrationsPerDevice);
          if (!row) return row.error();
          return view_registration(t, *row);
        },
        [this, d = std::move(d)](Result<StoredView> stored) mutable {
          if (!stored) return d(stored.error());
          verify_view(std::move(*stored), std::move(d));
        });
  });
}

void Core::unregister_app(DeviceId device, RegId registration, Callback<void> done) {
  const std::uint16_t home = home_of(registration);
  run<void>(
      home, WorkClass::kControl,
      [this, device, registration](Transaction& t) -> Status {
        index_when_committed(t);
        auto row = find_registration(t, registration, device);
        if (!row) return row.error();
        return end_registration(t, *row);
      },
      std::move(done));
}

void Core::show_registration(RegId registration, Callback<RegistrationView> done) {
  run<StoredView>(
      home_of(registration), WorkClass::kControl,
      [registration](Transaction& t) -> Result<StoredView> {
        auto row = find_registration(t, registration);
        if (!row) return row.error();
        return view_registration(t, *row);
      },
      [this, d = std::move(done)](Result<StoredView> stored) mutable {
        if (!stored) return d(stored.error());
        verify_view(std::move(*stored), std::move(d));
      });
}

void Core::tell_ended(const DeviceId& device, const std::vector<RegId>& registrations) {
  const XmppAccount account(device.value());
  for (const LiveSession& session : sessions_.of(account)) {
    for (const RegId& registration : registrations) {
      RegistrationChanged changed;
      changed.device = account;
      changed.view.registration.id = registration;
      changed.view.registration.device = device;
      changed.ended = true;
      nodes_.registration_changed(session.node, std::move(changed));
    }
  }
}

// ---- aliases and accounts ----------------------------------------------------------------------

struct Core::NameWork {
  NameId name;
  RegId registration;
  bool carried = true;
  std::size_t holders_max = 1;
  Tenure begun;
  Callback<void> done;
};

void Core::set_alias(NameChange change, Callback<void> done) {
  set_name(NameKind::kAlias, change, std::move(done));
}
void Core::unset_alias(NameChange change, Callback<void> done) {
  unset_name(NameKind::kAlias, change, std::move(done));
}
void Core::set_user_account(NameChange change, Callback<void> done) {
  set_name(NameKind::kUserAccount, change, std::move(done));
}
void Core::unset_user_account(NameChange change, Callback<void> done) {
  unset_name(NameKind::kUserAccount, change, std::move(done));
}

void Core::set_name(NameKind kind, const NameChange& change, Callback<void> done) {
  if (Status named = check_name(change.name); !named) return done(std::move(named));
  auto work = std::make_shared<NameWork>();  // shared by its steps
  work->registration = change.registration;
  work->begun = tenure(home_of(change.registration));
  work->done = std::move(done);
  work->holders_max =
      static_cast<std::size_t>(kind == NameKind::kAlias ? config_.alias_registrations_max
                                                        : config_.account_registrations_max);
  run_as_owner<RegistrationRow>(
      home_of(change.registration),
      [c = change](Transaction& t) { return find_registration(t, c.registration, c.device); },
      [this, kind, work, name = change.name](Result<RegistrationRow> row) {
        if (!row) return work->done(row.error());
        const Registration& registration = row->registration;
        work->name = {kind, registration.app, name};
        std::vector<std::string> listed = listed_names(registration, kind);
        if (std::find(listed.begin(), listed.end(), name) != listed.end())
          return unless_settled(work, &Core::set_at_owner);
        const auto max = static_cast<std::size_t>(config_.aliases_per_registration_max);
        if (listed.size() < max) return set_at_owner(work);
        if (is_over(work->begun, work->done)) return;
        const NameId oldest{kind, registration.app, listed.front()};
        peers().unset_holder({.name = oldest,
                              .holder = work->registration,
                              .evicted = true,
                              .asked_since = asked_since(*work)},
                             [this, work](Status dropped) {
                               if (!dropped) return work->done(std::move(dropped));
                               set_at_owner(work);
                             });
      });
}

Position Core::asked_since(const NameWork& work) const {
  return clustered() ? work.begun.since : 0;
}

void Core::set_at_owner(const std::shared_ptr<NameWork>& work) {
  if (is_over(work->begun, work->done)) return;
  HolderChange change{.name = work->name,
                      .holder = work->registration,
                      .holders_max = work->holders_max,
                      .asked_since = asked_since(*work)};
  peers().set_holder(std::move(change), [this, work](Status set) {
    if (!set) return work->done(std::move(set));
    confirm_holder(work);
  });
}

void Core::unset_name(NameKind kind, const NameChange& change, Callback<void> done) {
  auto work = std::make_shared<NameWork>();  // shared by its steps
  work->registration = change.registration;
  work->begun = tenure(home_of(change.registration));
  work->carried = false;
  work->done = std::move(done);
  run_as_owner<RegistrationRow>(
      home_of(change.registration),
      [c = change](Transaction& t) { return find_registration(t, c.registration, c.device); },
      [this, kind, work, name = change.name](Result<RegistrationRow> row) {
        if (!row) return work->done(row.error());
        work->name = {kind, row->registration.app, name};
        std::vector<std::string> listed = listed_names(row->registration, kind);
        if (std::find(listed.begin(), listed.end(), name) == listed.end())
          return unless_settled(work, &Core::unset_at_owner);
        unset_at_owner(work);
      });
}

void Core::unset_at_owner(const std::shared_ptr<NameWork>& work) {
  if (is_over(work->begun, work->done)) return;
  peers().unset_holder(
      {.name = work->name, .holder = work->registration, .asked_since = asked_since(*work)},
      [work](Status unset) { work->done(std::move(unset)); });
}

// A repeat costs no commit. The name's owner knows: what is listed may be another's by now, what is
// not may be held, and the notice of it is on its way.
void Core::unless_settled(const std::shared_ptr<NameWork>& work,
                          void (Core::*change)(const std::shared_ptr<NameWork>&)) {
  if (is_over(work->begun, work->done)) return;
  HolderChange asked{
      .name = work->name, .holder = work->registration, .asked_since = asked_since(*work)};
  peers().holds(std::move(asked), [this, work, change](Result<bool> held) {
    if (!held) return work->done(held.error());
    if (*held == work->carried) return work->done({});
    (this->*change)(work);
  });
}

// The registration may have ended meanwhile: then its end did not know of this name. Where that
// cannot be seen, the name is set all the same.
void Core::confirm_holder(const std::shared_ptr<NameWork>& work) {
  run_as_owner<RegistrationRow>(
      home_of(work->registration),
      [work](Transaction& t) { return find_registration(t, work->registration); },
      [this, work](Result<RegistrationRow> row) {
        if (row) return work->done({});
        if (row.error().code != ErrorCode::kNotFound)
          return work->done(Error{ErrorCode::kUnknownOutcome, row.error().message});
        peers().drop_holder(work->name, work->registration,
                            [work](Status) { work->done(no_such_registration()); });
      });
}

// ---- tags --------------------------------------------------------------------------------------

void Core::subscribe(NameChange change, Callback<RegistrationView> done) {
  if (Status named = check_name(change.name); !named) return done(named.error());
  change_tag(change, true, std::move(done));
}

void Core::unsubscribe(NameChange change, Callback<RegistrationView> done) {
  change_tag(change, false, std::move(done));
}

void Core::change_tag(const NameChange& change, bool carried, Callback<RegistrationView> done) {
  struct Found {
    AppId app;
    bool already = false;
    StoredView view;
  };
  const std::uint16_t home = home_of(change.registration);
  run<Found>(
      home, WorkClass::kRead,
      [c = change, carried](Transaction& t) -> Result<Found> {
        auto row = find_registration(t, c.registration, c.device);
        if (!row) return row.error();
        auto view = view_registration(t, *row);
        if (!view) return view.error();
        const bool already = carries(row->registration, Tag(c.name)) == carried;
        return Found{row->registration.app, already, std::move(*view)};
      },
      [this, carried, c = change, begun = tenure(home),
       d = std::move(done)](Result<Found> found) mutable {
        if (!found) return d(found.error());
        if (found->already) return verify_view(std::move(found->view), std::move(d));
        const Tag tag(c.name);  // before `c` is moved from
        tails_of(found->app, tag,
                 [this, carried, begun, c = std::move(c),
                  d = std::move(d)](Result<TagTails> tails) mutable {
                   if (!tails) return d(tails.error());
                   if (is_over(begun, d)) return;
                   commit_tag(std::move(c), carried, *tails, std::move(d));
                 });
      });
}

void Core::tails_of(const AppId& app, const Tag& tag, Callback<TagTails> done) {
  auto all =
      Gather<FeedState>::make([d = std::move(done)](Result<std::vector<FeedState>> states) mutable {
        if (!states) return d(states.error());
        d(TagTails{(*states)[0].tail, (*states)[1].tail});
      });
  confirmed_state(topic_feed(app, tag), all->ask());
  confirmed_state(app_feed(app), all->ask());
  all->close();
}

void Core::commit_tag(NameChange change, bool carried, TagTails tails,
                      Callback<RegistrationView> done) {
  const std::uint16_t home = home_of(change.registration);
  TagLimits limits;
  limits.tags_max = static_cast<std::size_t>(config_.tags_per_registration_max);
  limits.kept = config_.time_to_live_max;
  run<StoredView>(
      home, WorkClass::kControl,
      [this, c = std::move(change), carried, tails, limits](Transaction& t) -> Result<StoredView> {
        index_when_committed(t);
        auto row = find_registration(t, c.registration, c.device);
        if (!row) return row.error();
        const Tag tag(c.name);
        Status status =
            carried ? begin_tag(t, *row, tag, tails, limits) : end_tag(t, *row, tag, tails);
        if (!status) return status.error();
        return view_registration(t, *row);
      },
      [this, d = std::move(done)](Result<StoredView> stored) mutable {
        if (!stored) return d(stored.error());
        verify_view(std::move(*stored), std::move(d));
      });
}

}  // namespace longwire::middle
