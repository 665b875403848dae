// Apps and their secrets; what is kept of a password.

#include "middle/registry/app_table.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "middle/registry/scram_keys.h"
#include "tests/unit/middle/fixed_random.h"

namespace longwire::middle {
namespace {

constexpr Timestamp kNow{1'767'225'600'000};
constexpr Timestamp kLater{kNow.ms + 1000};

class AppTableRules : public ::testing::Test {
 public:
  AppTableRules() {
    FixedRandom random(Bytes("first"));
    made = make_app("shop", PackageName("org.shop"), kNow, table, random);
    table.put(made.app);
  }
  // A new secret; the older ones stay valid until kLater.
  std::string rotated(Timestamp now, const char* chance) {
    FixedRandom random{Bytes(chance)};
    std::string secret = rotate(made.app, now, kLater, random);
    table.put(made.app);
    return secret;
  }
  bool opens(const std::string& secret, Timestamp now) const {
    const App* app = table.find_by_secret(secret, now);
    return app != nullptr && app->id == made.app.id;
  }

  AppTable table;
  NewApp made;
};

TEST_F(AppTableRules, A_new_app_is_found_by_id_key_and_secret) {
  EXPECT_EQ(table.find(made.app.id)->name, "shop");
  EXPECT_NE(table.find_by_key(made.app.id, made.app.key), nullptr);
  EXPECT_TRUE(opens(made.secret, kNow));
}

TEST_F(AppTableRules, Wrong_names_find_nothing) {
  EXPECT_EQ(table.find(AppId("1")), nullptr);
  EXPECT_EQ(table.find_by_key(made.app.id, AppKey("5")), nullptr);
  EXPECT_EQ(table.find_by_key(AppId("1"), made.app.key), nullptr);
  EXPECT_FALSE(opens(made.secret + "x", kNow));
  EXPECT_FALSE(opens("", kNow));
}

TEST_F(AppTableRules, Ids_and_keys_have_the_form_that_sdks_expect) {
  EXPECT_EQ(made.app.id.value().size(), 19u);
  EXPECT_EQ(made.app.id.value().substr(0, 5), "28823");
  EXPECT_EQ(made.app.key.value().size(), 16u);
}

TEST_F(AppTableRules, Secrets_are_kept_as_hashes) {
  ASSERT_EQ(made.app.secrets.size(), 1u);
  EXPECT_EQ(made.app.secrets[0].sha256.size(), 32u);
  EXPECT_NE(made.app.secrets[0].sha256, made.secret);
}

TEST_F(AppTableRules, An_old_secret_ends_when_it_was_said) {
  const std::string fresh = rotated(kNow, "second");
  EXPECT_TRUE(opens(made.secret, {kLater.ms - 1}));
  EXPECT_FALSE(opens(made.secret, kLater));
  EXPECT_TRUE(opens(fresh, kLater));
}

TEST_F(AppTableRules, A_rotation_drops_what_has_ended) {
  rotated(kNow, "second");
  rotated(kLater, "third");
  EXPECT_EQ(made.app.secrets.size(), 1u);
}

TEST_F(AppTableRules, An_app_has_at_most_four_secrets) {
  for (const char* chance : {"2", "3", "4"}) rotated(kNow, chance);
  EXPECT_TRUE(opens(made.secret, kNow));
  rotated(kNow, "5");
  EXPECT_EQ(made.app.secrets.size(), 4u);
  EXPECT_FALSE(opens(made.secret, kNow));
}

TEST_F(AppTableRules, Apps_are_listed_by_id) {
  App first;
  first.id = AppId("1");
  table.put(first);
  const std::vector<App> apps = table.list();
  ASSERT_EQ(apps.size(), 2u);
  EXPECT_EQ(apps[0].id, AppId("1"));
}

// The example of RFC 7677 section 3; for SHA-1 the same password and salt through another
// implementation.
TEST(Credentials, Are_those_of_the_rfc) {
  FixedRandom salt(*hex_decode("5b6d99689d12358eeca04b141236fa81"));
  const Credentials keys = derive_credentials("pencil", salt);
  EXPECT_EQ(keys.sha256.iterations, 4096u);
  EXPECT_EQ(hex_encode(keys.sha256.salt), "5b6d99689d12358eeca04b141236fa81");
  EXPECT_EQ(hex_encode(keys.sha256.stored_key),
            "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6");
  EXPECT_EQ(hex_encode(keys.sha256.server_key),
            "c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5");
  EXPECT_EQ(hex_encode(keys.sha1.stored_key), "836a44cd7dad31aa226f14c3e187c1264ab5cbcc");
  EXPECT_EQ(hex_encode(keys.sha1.server_key), "64690d8ec98ac155f90b9cfcd2f1b11d9d368ce2");
}

}  // namespace
}  // namespace longwire::middle
