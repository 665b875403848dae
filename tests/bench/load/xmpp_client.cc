#include "tests/bench/load/xmpp_client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstdio>

#include "base/encoding.h"

namespace longwire::bench {
namespace {

std::string hmac(std::string_view key, std::string_view data) {
  std::array<unsigned char, 32> out{};
  unsigned size = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(), &size);
  return {reinterpret_cast<char*>(out.data()), out.size()};
}

std::string sha256_of(std::string_view data) {
  std::array<unsigned char, 32> out{};
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data());
  return {reinterpret_cast<char*>(out.data()), out.size()};
}

std::string field(std::string_view message, char name) {
  std::size_t at = 0;
  while (at < message.size()) {
    const std::size_t end = std::min(message.find(',', at), message.size());
    if (message[at] == name) return std::string(message.substr(at + 2, end - at - 2));
    at = end + 1;
  }
  return {};
}

std::string_view text_of(std::string_view element) {
  const std::size_t open = element.find('>');
  const std::size_t close = element.rfind("</");
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open) return {};
  return element.substr(open + 1, close - open - 1);
}

void fill_memory(ScramMemory& memory, const std::string& password, const std::string& salt,
                 unsigned iterations) {
  if (memory.salt == salt && memory.iterations == iterations) return;
  std::array<unsigned char, 32> salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(), 32,
                    salted.data());
  memory.salt = salt;
  memory.iterations = iterations;
  memory.client_key = hmac({reinterpret_cast<char*>(salted.data()), salted.size()}, "Client Key");
  memory.stored_key = sha256_of(memory.client_key);
}

}  // namespace

void XmppClient::start(std::uint16_t port, std::function<void(XmppClient&)> ready,
                       StanzaFunction stanza) {
  on_ready_ = std::move(ready);
  on_stanza_ = std::move(stanza);
  phase_ = Phase::kIdle;
  partial_.clear();
  connect(port);
}

void XmppClient::open_stream() {
  send("<?xml version='1.0'?><stream:stream to='" + login_.domain +
       "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
}

void XmppClient::on_connected() {
  phase_ = Phase::kFeatures;
  open_stream();
}

void XmppClient::on_closed() {
  if (phase_ != Phase::kReady) phase_ = Phase::kFailed;
}

void XmppClient::on_bytes(std::string_view bytes) {
  std::string joined;
  if (!partial_.empty()) {
    joined = std::move(partial_);
    joined.append(bytes);
    bytes = joined;
    partial_.clear();
  }
  while (!bytes.empty() && is_open()) {
    const std::size_t size = next_element(bytes);
    if (size == 0) break;
    on_element(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  if (!bytes.empty() && is_open()) partial_.assign(bytes);
}

std::size_t XmppClient::next_element(std::string_view text) {
  int depth = 0;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find('<', at);
    if (open == std::string_view::npos)
      return depth == 0 && text.find_first_not_of(" \n") == std::string_view::npos ? text.size()
                                                                                   : 0;
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) return 0;
    const std::string_view tag = text.substr(open, close - open + 1);
    at = close + 1;
    if (tag.starts_with("<?") || tag.starts_with("<stream:stream") ||
        tag.starts_with("</stream:stream"))
      return at;
    if (tag[1] == '/')
      --depth;
    else if (tag[tag.size() - 2] != '/')
      ++depth;
    if (depth == 0) return at;
  }
}

void XmppClient::on_element(std::string_view element) {
  switch (phase_) {
    case Phase::kReady:
      return on_stanza_(*this, element);
    case Phase::kFeatures:
      if (element.find("<mechanisms") != std::string_view::npos) send_auth();
      return;
    case Phase::kChallenge:
      return answer_challenge(element);
    case Phase::kSuccess:
      if (!element.starts_with("<success")) {
        close();
        phase_ = Phase::kFailed;
        return;
      }
      phase_ = Phase::kBindFeatures;
      return open_stream();
    case Phase::kBindFeatures:
      if (element.find("<bind") == std::string_view::npos) return;
      phase_ = Phase::kBound;
      return send(
          "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
          login_.resource + "</resource></bind></iq>");
    case Phase::kBound:
      if (element.find("type='result'") == std::string_view::npos &&
          element.find("type=\"result\"") == std::string_view::npos) {
        std::fprintf(stderr, "load: bind refused: %.*s\n", static_cast<int>(element.size()),
                     element.data());
        close();
        phase_ = Phase::kFailed;
        return;
      }
      phase_ = Phase::kReady;
      return on_ready_(*this);
    case Phase::kIdle:
    case Phase::kFailed:
      return;
  }
}

void XmppClient::send_auth() {
  std::array<unsigned char, 12> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  nonce_ = base64_encode({reinterpret_cast<char*>(random.data()), random.size()});
  phase_ = Phase::kChallenge;
  send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>" +
       base64_encode("n,,n=" + login_.user + ",r=" + nonce_) + "</auth>");
}

void XmppClient::answer_challenge(std::string_view element) {
  const auto server_first = base64_decode(text_of(element));
  if (!element.starts_with("<challenge") || !server_first) {
    std::fprintf(stderr, "load: no challenge: %.*s\n", static_cast<int>(element.size()),
                 element.data());
    close();
    phase_ = Phase::kFailed;
    return;
  }
  const std::string nonce = field(*server_first, 'r');
  const auto salt = base64_decode(field(*server_first, 's'));
  fill_memory(login_.memory, login_.password, salt.value_or(""),
              static_cast<unsigned>(std::stoul(field(*server_first, 'i'))));
  const std::string final_bare = "c=biws,r=" + nonce;
  const std::string auth =
      "n=" + login_.user + ",r=" + nonce_ + "," + *server_first + "," + final_bare;
  std::string proof = hmac(login_.memory.stored_key, auth);
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<char>(proof[i] ^ login_.memory.client_key[i]);
  phase_ = Phase::kSuccess;
  send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" +
       base64_encode(final_bare + ",p=" + base64_encode(proof)) + "</response>");
}

}  // namespace longwire::bench
