// Commands about users, the people who log in with a chat client: user.add, user.passwd,
// user.remove, user.list.

#include <utility>

#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"

namespace longwire::daemon {
namespace {

constexpr std::size_t kUsersPerPage = 1000;

middle::XmppAccount account_of(const Json& params) {
  return middle::XmppAccount(params.at("user").get<std::string>());
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
    service.add_user(account_of(params), params.at("password").get<std::string>(),
                     answer_done(std::move(done)));
  });
  table.add("user.passwd", [&service](const Json& params, Callback<Json> done) {
    service.set_password(account_of(params), params.at("password").get<std::string>(),
                         answer_done(std::move(done)));
  });
  table.add("user.remove", [&service](const Json& params, Callback<Json> done) {
    service.remove_user(account_of(params), answer_done(std::move(done)));
  });
  table.add("user.list", [&service](const Json& params, Callback<Json> done) {
    list_users(service, params, std::move(done));
  });
}

}  // namespace longwire::daemon
