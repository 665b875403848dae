#include "sdk/cpp/device_api.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace longwire::sdk {

namespace {

constexpr std::size_t kAnswerBytesMax = 16 * 1024;
constexpr long kConnectTimeoutS = 10;
constexpr long kTimeoutS = 30;

struct CurlFree {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size * count > kAnswerBytesMax) return 0;  // ends the transfer
  body.append(data, size * count);
  return size * count;
}

Error refused(long http_status, const std::string& body) {
  std::string text = "the API answered " + std::to_string(http_status);
  const auto json = nlohmann::json::parse(body, nullptr, false);
  for (const char* member : {"error", "message"})
    if (json.is_object() && json.contains(member) && json[member].is_string())
      text += ": " + json[member].get<std::string>();
  if (http_status == 401 || http_status == 403) return {ErrorCode::kUnauthenticated, text};
  if (http_status == 429) return {ErrorCode::kResourceExhausted, text};
  if (http_status >= 500) return {ErrorCode::kUnavailable, text};
  return {ErrorCode::kInvalidArgument, text};
}

// The base without slashes at its end, which an operator may or may not have written.
std::string url_of(std::string base, const std::string& path) {
  while (!base.empty() && base.back() == '/') base.pop_back();
  return base + path;
}

bool is_hopeless(CURLcode code) {
  return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
         code == CURLE_SSL_CACERT_BADFILE;
}

}  // namespace

Status check_api(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  const bool is_https =
      url.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), url.begin(), [](char wanted, char got) {
        return wanted == (got >= 'A' && got <= 'Z' ? static_cast<char>(got - 'A' + 'a') : got);
      });
  if (is_https && url[kScheme.size()] != '/') return {};
  return Error{ErrorCode::kInvalidArgument,
               "the API's address must be https://HOST:PORT, and is \"" + url + "\""};
}

Result<Account> read_account(long http_status, const std::string& body) {
  if (http_status < 200 || http_status > 299) return refused(http_status, body);
  const auto json = nlohmann::json::parse(body, nullptr, false);
  auto text = [&](const char* member) {
    return json.is_object() && json.contains(member) && json[member].is_string()
               ? json[member].get<std::string>()
               : std::string();
  };
  Account account{.device = text("device"), .password = text("password"), .domain = text("domain")};
  if (account.device.empty() || account.password.empty() || account.domain.empty())
    return Error{ErrorCode::kCorrupt, "the API's answer is not a device account"};
  return account;
}

Result<Account> create_account(const Options& options) {
  TRY(check_api(options.api));
  std::unique_ptr<CURL, CurlFree> curl(curl_easy_init());
  std::unique_ptr<curl_slist, CurlFree> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  if (curl == nullptr || headers == nullptr)
    return Error{ErrorCode::kInternal, "libcurl cannot start"};
  const std::string url = url_of(options.api, "/v1/devices");
  const std::string request =
      nlohmann::json{{"appId", options.app_id}, {"appKey", options.app_key}}.dump();
  std::string answer;
  char problem[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty())
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kTimeoutS);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  if (CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
    const std::string why = problem[0] != '\0' ? problem : curl_easy_strerror(code);
    return Error{is_hopeless(code) ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                 "cannot reach " + url + ": " + why};
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return read_account(status, answer);
}

}  // namespace longwire::sdk
