// Apps, users and devices.

#include <algorithm>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "middle/core/core.h"
#include "middle/core/gather.h"
#include "middle/registry/devices.h"
#include "middle/registry/scram_keys.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kPasswordBytes = 24;
constexpr std::size_t kDerivingMax = 256;  // about a second of work
constexpr std::size_t kAskingForAccountsMax = 5'000;

Error unauthenticated() { return {ErrorCode::kUnauthenticated, "no such app"}; }

using Pages = std::vector<std::vector<DeviceId>>;

// Pages are cut by rows or by bytes: what lies behind the end of one that is not full may hide more
// of its partition, and is left for the next call.
bool may_be_cut_before(const std::vector<DeviceId>& page, std::size_t limit,
                       const DeviceId& device) {
  return !page.empty() && page.size() < limit && page.back() < device;
}

std::vector<DeviceId> merge_devices(const Pages& pages, std::size_t limit) {
  std::vector<DeviceId> devices;
  for (const std::vector<DeviceId>& page : pages) {
    for (const DeviceId& device : page) {
      const bool hidden = std::any_of(pages.begin(), pages.end(), [&](const auto& other) {
        return may_be_cut_before(other, limit, device);
      });
      if (!hidden) devices.push_back(device);
    }
  }
  std::sort(devices.begin(), devices.end());
  if (devices.size() > limit) devices.resize(limit);
  return devices;
}

}  // namespace

// ---- apps --------------------------------------------------------------------------------------

void Core::create_app(std::string name, PackageName package, Callback<CreatedApp> done) {
  if (!apps_loaded_) return done(no_app({}));
  NewApp made = make_app(std::move(name), std::move(package), now(), apps_, environment_.random);
  App stored = made.app;
  parts_.directory.put_app(
      std::move(stored),
      guard_.wrap<void>([this, m = std::move(made), d = std::move(done)](Status status) mutable {
        if (!status) return d(status.error());
        ++app_changes_;
        apps_.put(m.app);
        tell_apps_changed([made = CreatedApp{std::move(m.app), std::move(m.secret)},
                           d = std::move(d)](const Status&) mutable { d(std::move(made)); });
      }));
}

void Core::list_apps(Callback<std::vector<App>> done) {
  if (!apps_loaded_) return done(no_app({}));
  done(apps_.list());
}

void Core::rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                         Callback<std::string> done) {
  const App* found = apps_.find(app);
  if (found == nullptr) return done(no_app({ErrorCode::kNotFound, "no such app"}));
  App changed = *found;
  std::string secret = rotate(changed, now(), now() + keep_old, environment_.random);
  App stored = changed;
  parts_.directory.put_app(
      std::move(stored), guard_.wrap<void>([this, c = std::move(changed), s = std::move(secret),
                                            d = std::move(done)](Status status) mutable {
        if (!status) return d(status.error());
        ++app_changes_;
        apps_.put(std::move(c));
        tell_apps_changed(
            [made = std::move(s), d = std::move(d)](const Status&) mutable { d(std::move(made)); });
      }));
}

void Core::find_app_by_secret(std::string secret, Callback<App> done) {
  const App* app = apps_.find_by_secret(secret, now());
  if (app == nullptr) return done(no_app(unauthenticated()));
  done(*app);
}

void Core::find_app_by_key(AppId app, AppKey key, Callback<App> done) {
  const App* found = apps_.find_by_key(app, key);
  if (found == nullptr) return done(no_app(unauthenticated()));
  done(*found);
}

// ---- passwords ---------------------------------------------------------------------------------

void Core::derive_keys(std::string password, Callback<Credentials> done) {
  if (deriving_ >= kDerivingMax)
    return done(Error{ErrorCode::kUnavailable, "too many accounts are being made",
                      std::chrono::milliseconds(1000)});
  ++deriving_;
  auto derived = guard_.wrap<Credentials>([this, d = std::move(done)](auto keys) mutable {
    --deriving_;
    d(std::move(keys));
  });
  parts_.keys.post([&random = environment_.random, p = std::move(password),
                    d = std::move(derived)]() mutable { d(derive_credentials(p, random)); });
}

// ---- credentials -------------------------------------------------------------------------------

void Core::credentials(XmppAccount account, Callback<Credentials> done) {
  if (!is_device_id(account.value())) return find_user(account, std::move(done));
  const DeviceId device(account.value());
  run<Credentials>(
      home_of(device), WorkClass::kRead,
      [device](Transaction& t) -> Result<Credentials> {
        auto row = find_device(t, device);
        if (!row) return row.error();
        return std::move(row->credentials);
      },
      std::move(done));
}

// Whoever comes later is answered later: chat keeps its order.
void Core::check_account(const XmppAccount& account, Callback<void> done) {
  const bool asked = accounts_asked_for_.contains(account);
  if (!asked && users_.contains(account)) return done({});
  if (asking_for_accounts_ >= kAskingForAccountsMax)
    return done(Error{ErrorCode::kUnavailable, "too much waits for accounts", kCrowdedRetry});
  ++asking_for_accounts_;
  accounts_asked_for_[account].push_back(std::move(done));
  if (asked) return;
  credentials(account, [this, account](const Result<Credentials>& found) {
    auto answered = accounts_asked_for_.extract(account);
    asking_for_accounts_ -= answered.mapped().size();
    for (auto& waiting : answered.mapped()) waiting(found ? Status() : Status(found.error()));
  });
}

// ---- devices -----------------------------------------------------------------------------------

// As good as any other; and one that is made here needs no other node.
bool Core::make_id_served_here(DeviceId& id) {
  const auto served = [](const Owned& each) { return each.served; };
  if (clustered() && std::none_of(owned_.begin(), owned_.end(), served)) return false;
  do {
    id = make_device_id(environment_.random);
  } while (!serves(home_of(id)));
  return true;
}

void Core::create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) {
  if (apps_.find_by_key(request.app, request.key) == nullptr)
    return done(no_app(unauthenticated()));
  CreatedDevice made;
  if (!make_id_served_here(made.id))
    return done(Error{ErrorCode::kDeposed, "no partition is here"});
  made.password = base64url_encode(environment_.random.bytes(kPasswordBytes));
  derive_keys(made.password, [this, made, d = std::move(done)](auto keys) mutable {
    if (!keys) return d(keys.error());
    const DeviceLife life{config_.unused_device_expiry, config_.registration_expiry};
    run<CreatedDevice>(
        home_of(made.id), WorkClass::kControl,
        [made, k = std::move(*keys), life](Transaction& t) -> Result<CreatedDevice> {
          TRY(add_device(t, made.id, k, life));
          return made;
        },
        std::move(d));
  });
}

void Core::show_device(DeviceId device, Callback<DeviceStatus> done) {
  struct Shown {
    DeviceStatus status;
    std::vector<StoredView> views;
  };
  run<Shown>(
      home_of(device), WorkClass::kRead,
      [device](Transaction& t) -> Result<Shown> {
        auto row = find_device(t, device);
        if (!row) return row.error();
        Shown shown;
        shown.status.id = device;
        shown.status.banned = row->credentials.banned;
        shown.status.created = row->created;
        shown.status.last_contact = row->last_contact;
        shown.status.session = row->session;
        for (const RegId& id : row->registrations) {
          auto registration = find_registration(t, id);
          if (!registration) return registration.error();
          auto view = view_registration(t, *registration);
          if (!view) return view.error();
          shown.views.push_back(std::move(*view));
        }
        return shown;
      },
      [this, d = std::move(done)](Result<Shown> shown) mutable {
        if (!shown) return d(shown.error());
        shown->status.online = sessions_.online(XmppAccount(shown->status.id.value()));
        if (shown->status.online) shown->status.last_contact = now();
        add_tails(std::move(shown->status), std::move(shown->views), std::move(d));
      });
}

void Core::add_tails(DeviceStatus status, std::vector<StoredView> views,
                     Callback<DeviceStatus> done) {
  std::vector<FeedStatus> feeds;
  for (StoredView& stored : views) {
    for (const FeedPosition& position : stored.view.feeds)
      feeds.push_back({position.feed, position.cursor, 0, position.until});
    status.registrations.push_back(std::move(stored.view));
  }
  auto all = Gather<FeedState>::make([s = std::move(status), f = feeds, d = std::move(done)](
                                         Result<std::vector<FeedState>> states) mutable {
    if (!states) return d(states.error());
    for (std::size_t i = 0; i < f.size(); ++i) f[i].tail = (*states)[i].tail;
    s.feeds = std::move(f);
    d(std::move(s));
  });
  for (const FeedStatus& feed : feeds) confirmed_state(feed.feed, all->ask());
  all->close();
}

void Core::list_devices(DeviceId after, std::size_t limit, Callback<std::vector<DeviceId>> done) {
  auto all = Gather<std::vector<DeviceId>>::make(
      [limit, d = std::move(done)](Result<Pages> pages) mutable {
        if (!pages) return d(pages.error());
        d(merge_devices(*pages, limit));
      });
  for (PartitionId id = 0; id < count_; ++id) peers().devices({id, after, limit}, all->ask());
  all->close();
}

void Core::remove_device(DeviceId device, Callback<void> done) {
  run<std::vector<RegId>>(
      home_of(device), WorkClass::kControl,
      [this, device](Transaction& t) {
        index_when_committed(t);
        return middle::remove_device(t, device);
      },
      [this, device, d = std::move(done)](Result<std::vector<RegId>> ended) mutable {
        if (!ended) return d(ended.error());
        if (is_elsewhere(XmppAccount(device.value()), d)) return;  // its sessions are, too
        close_sessions(XmppAccount(device.value()), ErrorCode::kNotFound);
        d({});
      });
}

void Core::kick_device(DeviceId device, Callback<void> done) {
  const XmppAccount account(device.value());
  if (is_elsewhere(account, done)) return;
  if (!knows_sessions(account)) {
    return await_sessions(account, std::move(done),
                          [this, device](Callback<void> d) { kick_device(device, std::move(d)); });
  }
  if (!sessions_.online(account)) return done(Error{ErrorCode::kNotFound, "it is not connected"});
  // Not a conflict, after which a device stays away: it may come back at once.
  close_sessions(account, ErrorCode::kUnavailable);
  done({});
}

void Core::ban_device(DeviceId device, bool banned, Callback<void> done) {
  run<void>(
      home_of(device), WorkClass::kControl,
      [device, banned](Transaction& t) { return set_banned(t, device, banned); },
      [this, device, banned, d = std::move(done)](Status status) mutable {
        if (status && is_elsewhere(XmppAccount(device.value()), d)) return;
        if (status && banned)
          close_sessions(XmppAccount(device.value()), ErrorCode::kPermissionDenied);
        d(std::move(status));
      });
}

}  // namespace longwire::middle
