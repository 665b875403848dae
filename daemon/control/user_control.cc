// Commands about users, the people who log in with a chat client: user.add, user.passwd,
// user.remove, user.list.

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/precis.h"

namespace longwire::daemon {
namespace {

constexpr std::size_t kUsersPerPage = 1000;

// A user as logins look it up: the local part of an address, prepared.
std::optional<middle::XmppAccount> prepare_account(const std::string& user) {
  // parse_jid() alone would take "a@b" for an address with another domain.
  if (user.find_first_of("@/") != std::string::npos) return std::nullopt;
  const auto jid = xmpp::parse_jid(user + "@localhost");
  if (!jid || jid->local.empty()) return std::nullopt;
  return middle::XmppAccount(jid->local);
}

Result<middle::XmppAccount> account_of(const Json& params) {
  const auto user = params.at("user").get<std::string>();
  if (auto account = prepare_account(user)) return *account;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("\"{:.100}\" cannot be a user: what stands before the @ of an address, "
                           "1 to 1023 bytes of letters, digits and ASCII signs but no blanks and "
                           "none of \" & ' / : < > @",
                           user)};
}

// As a login by password compares it.
Result<std::string> password_of(const Json& params) {
  if (auto password = xmpp::prepare_opaque(params.at("password").get<std::string>())) {
    return std::move(*password);
  }
  return Error{ErrorCode::kInvalidArgument,
               "the password is empty, longer than 1023 bytes, or has control characters"};
}

using SetKeys = void (middle::Service::*)(middle::XmppAccount, std::string, Callback<void>);

// user.add and user.passwd.
void set_keys(middle::Service& service, SetKeys call, const Json& params, Callback<Json> done) {
  auto account = account_of(params);
  auto password = password_of(params);
  if (!account.ok()) return done(account.error());
  if (!password.ok()) return done(password.error());
  const Json answer = {{"account", account->value()}};
  (service.*call)(*account, std::move(*password),
                  [answer, done = std::move(done)](const Status& set) mutable {
                    done(set.ok() ? Result<Json>(answer) : set.error());
                  });
}

void remove_user(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto user = params.at("user").get<std::string>();
  // What cannot be a user may have been made one before names were checked: it can go.
  service.remove_user(prepare_account(user).value_or(middle::XmppAccount(user)),
                      answer_done(std::move(done)));
}

void list_users(middle::Service& service, const Json& params, Callback<Json> done) {
  service.list_users(middle::XmppAccount(params.value("after", "")), kUsersPerPage,
                     answer_with<std::vector<middle::XmppAccount>>(
                         std::move(done), [](const std::vector<middle::XmppAccount>& accounts) {
                           Json list = Json::array();
                           for (const auto& account : accounts) list.push_back(account.value());
                           return list;
                         }));
}

}  // namespace

void add_user_control(ControlTable& table, middle::Service& service) {
  table.add("user.add", [&service](const Json& params, Callback<Json> done) {
    set_keys(service, &middle::Service::add_user, params, std::move(done));
  });
  table.add("user.passwd", [&service](const Json& params, Callback<Json> done) {
    set_keys(service, &middle::Service::set_password, params, std::move(done));
  });
  table.add("user.remove", [&service](const Json& params, Callback<Json> done) {
    remove_user(service, params, std::move(done));
  });
  table.add("user.list", [&service](const Json& params, Callback<Json> done) {
    list_users(service, params, std::move(done));
  });
}

}  // namespace longwire::daemon
