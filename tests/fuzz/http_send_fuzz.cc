// A form read as a send: what comes out keeps every limit that the middle relies on. The first byte
// names the kind of target; then a query and a body, cut at the first newline.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/text.h"
#include "channels/codec/push_body.h"
#include "http_front/api/send_form.h"
#include "middle/model/names.h"

namespace {

namespace channels = longwire::channels;
namespace http = longwire::http;
namespace middle = longwire::middle;
using longwire::Timestamp;
using middle::TargetKind;

constexpr Timestamp kNow{1'795'211'270'743};
constexpr std::array kTargets{TargetKind::kRegId, TargetKind::kAlias, TargetKind::kUserAccount,
                              TargetKind::kTopic, TargetKind::kAll};

middle::App make_app() {
  middle::App app;
  app.id = middle::AppId("1000");
  app.packages = {middle::PackageName("org.example.app"), middle::PackageName("org.example.other")};
  return app;
}

void check_names(const middle::SendRequest& request) {
  if (request.target == TargetKind::kAll) {
    CHECK(request.names.empty());
    return;
  }
  CHECK(!request.names.empty() && request.names.size() <= http::kTargetsMax);
  if (request.target == TargetKind::kTopic) CHECK(request.names.size() <= http::kTopicsMax);
  for (const std::string& name : request.names) {
    CHECK(!name.empty() && longwire::is_utf8(name) && !longwire::has_control_characters(name));
    CHECK(longwire::count_characters(name) <= longwire::middle::kNameCharactersMax);
  }
}

void check_body(const middle::SendRequest& request) {
  const auto body = channels::decode_push_body(request.body);
  CHECK(body.ok());
  CHECK(channels::encode_push_body(*body) == request.body);
  CHECK(body->payload.size() <= http::kPayloadBytesMax);
  CHECK(body->extra.size() <= http::kExtraPairsMax);
  CHECK(longwire::count_characters(body->title) <= http::kTitleCharactersMax);
  CHECK(longwire::count_characters(body->description) <= http::kDescriptionCharactersMax);
  for (const std::string* text : {&body->payload, &body->title, &body->description})
    CHECK(longwire::is_utf8(*text));
  CHECK(body->packages.size() == request.packages.size());
}

void check(const middle::SendRequest& request, const middle::App& app) {
  check_names(request);
  check_body(request);
  for (const auto& package : request.packages)
    CHECK(std::count(app.packages.begin(), app.packages.end(), package) == 1);
  CHECK(request.time_to_live.count() >= 0);
  if (request.not_before)
    CHECK(*request.not_before > kNow && *request.not_before <= kNow + http::kScheduleMax);
  CHECK(request.collapse_key.size() <= http::kCollapseKeyBytesMax);
  CHECK(request.idempotency_key.size() <= http::kIdempotencyKeyBytesMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const middle::App app = make_app();
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min(bytes.find('\n'), bytes.size());
  const auto form =
      http::Form::parse(bytes.substr(std::min(cut + 1, bytes.size())), bytes.substr(0, cut));
  if (!form.ok()) return 0;
  const http::SendContext context{.target = kTargets[data[0] % kTargets.size()],
                                  .app = app,
                                  .now = kNow,
                                  .idempotency_key = {}};
  const auto read = http::read_send(*form, context);
  if (const auto* request = std::get_if<middle::SendRequest>(&read)) {
    check(*request, app);
  } else {
    CHECK(longwire::is_utf8(std::get<http::ApiProblem>(read).reason));
  }
  return 0;
}
