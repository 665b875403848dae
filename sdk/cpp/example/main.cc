// The smallest app: prints what arrives until Enter is pressed.
//
//   example https://push.example.org:8443 push.example.org 5222 ca.pem APP_ID APP_KEY PACKAGE
//   DIRECTORY

#include <longwire/sdk/client.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace {

class App : public longwire::sdk::Listener {
 public:
  void on_message(const longwire::sdk::Message& message) override {
    std::printf("%s: %s\n", message.title.c_str(), message.payload.c_str());
  }
  void on_error(const longwire::sdk::Failure& failure) override {
    std::fprintf(stderr, "%s: %s\n", failure.code.c_str(), failure.text.c_str());
  }
};

}  // namespace

int main(int count, char** words) {
  if (count != 9) {
    std::puts("example API HOST PORT CA APP_ID APP_KEY PACKAGE DIRECTORY");
    return 0;
  }
  longwire::sdk::Options options;
  options.api = words[1];
  options.server_host = words[2];
  const std::string port = words[3];
  std::from_chars(port.data(), port.data() + port.size(), options.server_port);
  options.ca_file = words[4];
  options.app_id = words[5];
  options.app_key = words[6];
  options.package = words[7];
  options.state_directory = words[8];

  App app;
  longwire::sdk::Client client(options, app);
  client.subscribe("news", nullptr);
  client.start();
  std::getchar();
  client.stop();
}
