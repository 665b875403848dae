#include "longwire/sdk/client.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

class FirstFailure final : public Listener {
 public:
  void on_message(const Message&) override {}
  void on_error(const Failure& failure) override { failure_.set_value(failure); }
  Failure wait() { return failure_.get_future().get(); }

 private:
  std::promise<Failure> failure_;
};

TEST(Client, says_at_once_and_for_good_that_there_is_no_CA_file) {
  TemporaryDirectory directory;
  Options options;
  options.state_directory = directory.path();
  options.ca_file = directory.path() + "/none.pem";
  FirstFailure listener;
  Client client(options, listener);
  client.start();
  const Failure failure = listener.wait();
  client.stop();
  EXPECT_TRUE(failure.is_final);
  EXPECT_NE(failure.text.find(options.ca_file), std::string::npos) << failure.text;
}

TEST(Client, says_at_once_and_for_good_that_the_API_is_not_HTTPS) {
  TemporaryDirectory directory;
  Options options;
  options.state_directory = directory.path();
  options.api = "http://localhost:8443";
  FirstFailure listener;
  Client client(options, listener);
  client.start();
  const Failure failure = listener.wait();
  client.stop();
  EXPECT_TRUE(failure.is_final);
  EXPECT_NE(failure.text.find(options.api), std::string::npos) << failure.text;
}

}  // namespace
}  // namespace longwire::sdk
