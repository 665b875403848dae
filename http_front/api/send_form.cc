#include "http_front/api/send_form.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "channels/codec/push_body.h"
#include "middle/model/names.h"

namespace longwire::http {
namespace {

using middle::SendRequest;
using middle::TargetKind;
using Problem = std::optional<ApiProblem>;

// How a kind of target is spelled: the documented name first, then what clients write instead.
struct TargetWords {
  std::array<std::string_view, 3> names;
  ApiCode too_long;
  ApiCode bad_text;
};

const TargetWords& words_of(TargetKind kind) {
  static constexpr TargetWords kRegIds{{"registration_id", "registration_ids", "refgistration_id"},
                                       ApiCode::kIllegalValue,
                                       ApiCode::kIllegalValue};
  static constexpr TargetWords kAliases{
      {"alias", "aliases", ""}, ApiCode::kAliasTooLong, ApiCode::kIllegalValue};
  static constexpr TargetWords kAccounts{
      {"user_account", "user_accounts", ""}, ApiCode::kAccountTooLong, ApiCode::kIllegalValue};
  static constexpr TargetWords kTopics{
      {"topic", "topics", ""}, ApiCode::kTopicTooLong, ApiCode::kBadTopic};
  switch (kind) {
    case TargetKind::kAlias:
      return kAliases;
    case TargetKind::kUserAccount:
      return kAccounts;
    case TargetKind::kTopic:
      return kTopics;
    case TargetKind::kRegId:
    case TargetKind::kAll:
      break;
  }
  return kRegIds;
}

ApiProblem illegal(std::string_view parameter, std::string_view why) {
  return {ApiCode::kIllegalValue, std::string(parameter) + " " + std::string(why)};
}

// All values of a parameter, repeated or in comma lists, without repetitions of a value.
std::vector<std::string_view> list_of(const Form& form, std::string_view name) {
  std::vector<std::string_view> items;
  for (const Form::Field& field : form.fields()) {
    if (field.name == name) split_list(field.value, items);
  }
  if (items.size() < 2) return items;
  std::unordered_set<std::string_view> seen;
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&seen](std::string_view item) { return !seen.insert(item).second; }),
              items.end());
  return items;
}

// Reads one form into one request; the first problem ends it.
class SendReader final {
 public:
  SendReader(const Form& form, const SendContext& context) : form_(form), context_(context) {}

  std::variant<SendRequest, ApiProblem> read() {
    using Step = Problem (SendReader::*)();
    static constexpr std::array<Step, 9> kSteps{
        &SendReader::read_targets, &SendReader::read_packages, &SendReader::read_texts,
        &SendReader::read_kind,    &SendReader::read_notify,   &SendReader::read_extras,
        &SendReader::read_times,   &SendReader::read_keys,     &SendReader::read_priority};
    request_.app = context_.app.id;
    request_.target = context_.target;
    for (const Step step : kSteps) {
      if (Problem problem = (this->*step)()) return std::move(*problem);
    }
    request_.body = channels::encode_push_body(body_);
    return std::move(request_);
  }

 private:
  Problem read_targets();
  Problem check_names(const std::vector<std::string_view>& names, const TargetWords& words) const;
  Problem read_packages();
  Problem read_texts();
  Problem read_kind();
  Problem read_notify();
  Problem read_extras();
  Problem read_times();
  Problem read_keys();
  Problem read_priority();
  Problem read_text(std::string_view name, std::string& out) const;
  Problem read_integer(std::string_view name, std::optional<std::int64_t>& out) const;

  const Form& form_;
  const SendContext& context_;
  SendRequest request_;
  channels::PushBody body_;
};

Problem SendReader::read_targets() {
  if (context_.target == TargetKind::kAll) return std::nullopt;
  const TargetWords& words = words_of(context_.target);
  bool named = false;
  std::vector<std::string_view> names;
  for (const std::string_view name : words.names) {
    if (name.empty() || !names.empty()) break;
    named = named || form_.has(name);
    names = list_of(form_, name);
  }
  if (!named) {
    return ApiProblem{ApiCode::kMissingParameter,
                      std::string(words.names.front()) + " is required."};
  }
  if (names.empty()) return ApiProblem{ApiCode::kNoTarget, "No valid targets!"};
  if (Problem problem = check_names(names, words)) return problem;
  request_.names.assign(names.begin(), names.end());
  return std::nullopt;
}

Problem SendReader::check_names(const std::vector<std::string_view>& names,
                                const TargetWords& words) const {
  const std::string_view parameter = words.names.front();
  if (context_.target == TargetKind::kTopic && names.size() > kTopicsMax) {
    return ApiProblem{ApiCode::kTooManyTopics, "At most 5 topics."};
  }
  if (names.size() > kTargetsMax) return illegal(parameter, "names more than 1000 targets.");
  for (const std::string_view name : names) {
    if (!middle::is_plain_name(name)) {
      return ApiProblem{words.bad_text, std::string(parameter) + " is not plain text."};
    }
    if (middle::is_name_too_long(name)) {
      return ApiProblem{words.too_long, std::string(parameter) + " is longer than 128 characters."};
    }
  }
  return std::nullopt;
}

Problem SendReader::read_packages() {
  constexpr std::string_view kName = "restricted_package_name";
  for (const std::string_view name : list_of(form_, kName)) {
    const auto& known = context_.app.packages;
    const bool found = std::any_of(known.begin(), known.end(),
                                   [name](const auto& package) { return package.value() == name; });
    if (!found) {
      return ApiProblem{ApiCode::kBadPackage,
                        "restricted_package_name names a package that is not of this app."};
    }
    request_.packages.emplace_back(std::string(name));
    body_.packages.emplace_back(name);
  }
  return std::nullopt;
}

Problem SendReader::read_text(std::string_view name, std::string& out) const {
  const auto value = form_.find(name);
  if (!value) return std::nullopt;
  if (!is_utf8(*value)) return illegal(name, "is not UTF-8.");
  out = *value;
  return std::nullopt;
}

Problem SendReader::read_integer(std::string_view name, std::optional<std::int64_t>& out) const {
  const auto value = form_.find(name);
  if (!value) return std::nullopt;
  out = parse_number(*value);
  if (!out) return illegal(name, "is not a number.");
  return std::nullopt;
}

Problem SendReader::read_texts() {
  if (Problem problem = read_text("payload", body_.payload)) return problem;
  if (Problem problem = read_text("title", body_.title)) return problem;
  if (Problem problem = read_text("description", body_.description)) return problem;
  if (body_.payload.size() > kPayloadBytesMax) {
    return ApiProblem{ApiCode::kMessageTooLong, "payload is longer than 4096 bytes."};
  }
  if (count_characters(body_.title) > kTitleCharactersMax) {
    return illegal("title", "must be shorter than 50 characters.");
  }
  if (count_characters(body_.description) > kDescriptionCharactersMax) {
    return illegal("description", "must be shorter than 128 characters.");
  }
  return std::nullopt;
}

// A notification needs a title and a description. A payload alone, without a word on its kind, is
// data for the app.
Problem SendReader::read_kind() {
  std::optional<std::int64_t> kind;
  if (Problem problem = read_integer("pass_through", kind)) return problem;
  if (kind && *kind != 0 && *kind != 1) return illegal("pass_through", "must be 0 or 1.");
  const bool no_words = body_.title.empty() && body_.description.empty();
  body_.pass_through = kind ? *kind == 1 : no_words && !body_.payload.empty();
  if (!body_.pass_through) {
    for (const auto& [name, text] :
         {std::pair<std::string_view, std::string_view>("title", body_.title),
          {"description", body_.description}}) {
      if (is_blank(text)) {
        return ApiProblem{ApiCode::kMissingParameter,
                          std::string(name) + " is required and must not be blank."};
      }
    }
  } else if (no_words && body_.payload.empty()) {
    return ApiProblem{ApiCode::kMissingParameter, "payload is required."};
  }
  return std::nullopt;
}

// "DEFAULT_ALL" and its like are what a Ruby client sends.
std::optional<std::int64_t> notify_type_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kWords{{
      {"DEFAULT_ALL", -1},
      {"DEFAULT_SOUND", 1},
      {"DEFAULT_VIBRATE", 2},
      {"DEFAULT_LIGHTS", 4},
  }};
  for (const auto& [word, value] : kWords) {
    if (word == text) return value;
  }
  return parse_number(text);
}

Problem SendReader::read_notify() {
  if (const auto text = form_.find("notify_type")) {
    const auto type = notify_type_of(*text);
    if (!type || *type < -1 || *type > 7) {
      return illegal("notify_type", "must be -1, or a sum of 1, 2 and 4.");
    }
    body_.notify_type = static_cast<std::int32_t>(*type);
  }
  std::optional<std::int64_t> id;
  if (Problem problem = read_integer("notify_id", id)) return problem;
  // Clients use the clock in milliseconds as an id: its low 31 bits still tell neighbours apart.
  if (id) body_.notify_id = static_cast<std::int32_t>(*id & 0x7fffffff);
  return std::nullopt;
}

Problem SendReader::read_extras() {
  constexpr std::string_view kPrefix = "extra.";
  std::size_t characters = 0;
  for (const Form::Field& field : form_.fields()) {
    if (field.name.substr(0, kPrefix.size()) != kPrefix || field.value.empty()) continue;
    const std::string_view key = field.name.substr(kPrefix.size());
    if (key.empty()) continue;
    if (!is_utf8(key) || !is_utf8(field.value)) return illegal("extra", "is not UTF-8.");
    if (!body_.extra.emplace(key, field.value).second) continue;
    characters += count_characters(key) + count_characters(field.value);
  }
  if (body_.extra.size() > kExtraPairsMax) {
    return ApiProblem{ApiCode::kTooManyExtras, "At most 10 extra pairs."};
  }
  if (characters > kExtraCharactersMax) {
    return ApiProblem{ApiCode::kExtrasTooLong, "Extra pairs exceed 1024 characters."};
  }
  // Receipts are between the server and the sender: the device has nothing to do with them.
  for (const char* const name : {"callback", "callback.param", "callback.type"}) {
    body_.extra.erase(name);
  }
  return std::nullopt;
}

Problem SendReader::read_times() {
  std::optional<std::int64_t> live;
  std::optional<std::int64_t> at;
  if (Problem problem = read_integer("time_to_live", live)) return problem;
  if (Problem problem = read_integer("time_to_send", at)) return problem;
  if (live && *live < 0) return illegal("time_to_live", "must not be negative.");
  if (at && *at < 0) return illegal("time_to_send", "must not be negative.");
  // Some send an absolute time: the middle clamps, here it is kept from overflowing.
  constexpr std::int64_t kLongest = 366LL * 24 * 3600 * 1000;
  request_.time_to_live = std::chrono::milliseconds(std::min(live.value_or(0), kLongest));
  if (!at || *at <= context_.now.ms) return std::nullopt;
  if (*at > (context_.now + kScheduleMax).ms) {
    return illegal("time_to_send", "is more than 7 days ahead.");
  }
  request_.not_before = Timestamp{*at};
  return std::nullopt;
}

Problem SendReader::read_keys() {
  if (Problem problem = read_text("collapse_key", request_.collapse_key)) return problem;
  if (request_.collapse_key.size() > kCollapseKeyBytesMax) {
    return illegal("collapse_key", "is longer than 128 bytes.");
  }
  request_.idempotency_key = context_.idempotency_key.empty()
                                 ? form_.find("idempotency_key").value_or("")
                                 : context_.idempotency_key;
  if (request_.idempotency_key.size() > kIdempotencyKeyBytesMax) {
    return illegal("idempotency_key", "is longer than 128 bytes.");
  }
  return std::nullopt;
}

Problem SendReader::read_priority() {
  const std::string_view text = form_.find("priority").value_or("normal");
  if (text == "high") {
    request_.priority = middle::Priority::kHigh;
  } else if (text == "low") {
    request_.priority = middle::Priority::kLow;
  } else if (text != "normal") {
    return illegal("priority", "must be high, normal or low.");
  }
  return std::nullopt;
}

}  // namespace

std::variant<SendRequest, ApiProblem> read_send(const Form& form, const SendContext& context) {
  return SendReader(form, context).read();
}

}  // namespace longwire::http
