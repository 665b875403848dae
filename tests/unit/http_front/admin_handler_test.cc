#include "http_front/admin/admin_handler.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace longwire::http {
namespace {

Response ask(AdminHooks hooks, const std::string& target, Method method = Method::kGet) {
  AdminHandler handler(std::move(hooks));
  Request request;
  request.method = method;
  EXPECT_TRUE(set_target(request, target));
  Response answer;
  handler.handle(std::move(request),
                 [&answer](Response response) { answer = std::move(response); });
  return answer;
}

TEST(AdminHandler, Metrics_are_those_it_was_given) {
  const Response answer =
      ask({.metrics = [] { return std::string("a 1\n"); }, .readiness = {}}, "/metrics?x=y");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "a 1\n");
}

TEST(AdminHandler, Health_is_that_it_answers) { EXPECT_EQ(ask({}, "/healthz").status, 200); }

TEST(AdminHandler, Readiness_says_what_is_not_ready) {
  EXPECT_EQ(ask({}, "/readyz").status, 200);
  const AdminHooks hooks{.metrics = {}, .readiness = []() -> Status {
                           return Error{ErrorCode::kUnavailable, "partition 3"};
                         }};
  const Response answer = ask(hooks, "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "not ready: partition 3\n");
}

TEST(AdminHandler, Other_paths_and_methods_are_refused) {
  EXPECT_EQ(ask({}, "/secrets").status, 404);
  EXPECT_EQ(ask({}, "/healthz", Method::kPost).status, 405);
}

}  // namespace
}  // namespace longwire::http
