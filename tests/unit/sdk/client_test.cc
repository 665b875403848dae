#include "longwire/sdk/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

using testing::HasSubstr;

class FirstFailure final : public Listener {
 public:
  void on_message(const Message&) override {}
  void on_error(const Failure& failure) override { failure_.set_value(failure); }
  Failure wait() { return failure_.get_future().get(); }

 private:
  std::promise<Failure> failure_;
};

// Said at once and for good: nobody waits for what no later try would mend.
std::string final_failure(Options options) {
  const TemporaryDirectory directory;
  options.state_directory = directory.path();
  FirstFailure listener;
  Client client(options, listener);
  client.start();
  const Failure failure = listener.wait();
  client.stop();
  EXPECT_TRUE(failure.is_final) << failure.text;
  return failure.text;
}

TEST(Client, says_at_once_and_for_good_that_there_is_no_CA_file) {
  Options options;
  options.ca_file = "/nowhere/none.pem";
  EXPECT_THAT(final_failure(options), HasSubstr("cannot read the CA file /nowhere/none.pem"));
}

TEST(Client, says_at_once_and_for_good_that_the_CA_file_is_none) {
  Options options;
  options.ca_file = "/etc/passwd";
  EXPECT_THAT(final_failure(options), HasSubstr("/etc/passwd has no certificate"));
}

TEST(Client, says_at_once_and_for_good_that_the_API_is_not_HTTPS) {
  Options options;
  options.api = "http://localhost:8443";
  EXPECT_THAT(final_failure(options), HasSubstr(options.api));
}

}  // namespace
}  // namespace longwire::sdk
