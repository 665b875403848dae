#include "http_front/api/routes.h"

#include <array>

#include "http_front/api/resources.h"

namespace longwire::http {
namespace {

constexpr std::size_t kSend = 1024 * 1024;
constexpr std::size_t kSmall = 4 * 1024;

constexpr AuthKind kSecret = AuthKind::kAppSecret;
constexpr AuthKind kOpen = AuthKind::kNone;
constexpr Manner kCompatible = Manner::kCompatible;
constexpr Manner kOwn = Manner::kOwn;

constexpr std::array kRoutes{
    Route{Method::kPost, "/v2/message/regid", kSecret, kCompatible, kSend, &send_to_reg_ids},
    Route{Method::kPost, "/v3/message/regid", kSecret, kCompatible, kSend, &send_to_reg_ids},
    Route{Method::kPost, "/v2/message/alias", kSecret, kCompatible, kSend, &send_to_aliases},
    Route{Method::kPost, "/v3/message/alias", kSecret, kCompatible, kSend, &send_to_aliases},
    Route{Method::kPost, "/v2/message/user_account", kSecret, kCompatible, kSend,
          &send_to_accounts},
    Route{Method::kPost, "/v2/message/topic", kSecret, kCompatible, kSend, &send_to_topics},
    Route{Method::kPost, "/v3/message/topic", kSecret, kCompatible, kSend, &send_to_topics},
    Route{Method::kPost, "/v2/message/all", kSecret, kCompatible, kSend, &send_to_all},
    Route{Method::kPost, "/v3/message/all", kSecret, kCompatible, kSend, &send_to_all},

    Route{Method::kPost, "/v1/devices", kOpen, kOwn, kSmall, &create_device},
    Route{Method::kGet, "/v1/messages/{id}", kSecret, kOwn, kSmall, &show_message},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace longwire::http
