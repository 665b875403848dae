#pragma once

// The far side of a session in tests: keeps requests and output, answers at once where told to.

#include <string>
#include <utility>
#include <vector>

#include "http_front/protocol/session.h"

namespace longwire::http::test {

// Loop-bound.
class KeepingHost final : public SessionHost {
 public:
  std::vector<std::pair<StreamId, Request>> requests;
  std::string output;
  Session* answers_at_once = nullptr;

  void on_request(StreamId stream, Request request) override {
    Response response;
    response.body = "echo " + request.body;
    requests.emplace_back(stream, std::move(request));
    if (answers_at_once != nullptr) answers_at_once->respond(stream, std::move(response), {});
  }
  void on_output(BytesView bytes) override { output += bytes; }
  std::string_view date() const override { return "Thu, 01 Jan 1970 00:00:00 GMT"; }
};

}  // namespace longwire::http::test
