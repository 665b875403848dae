// Commands about devices: device.list, device.show, device.remove, device.kick, device.ban.

#include <utility>

#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"

namespace longwire::daemon {
namespace {

constexpr std::size_t kDevicesPerPage = 1000;

middle::DeviceId device_of(const Json& params) {
  return middle::DeviceId(params.at("device").get<std::string>());
}

void list_devices(middle::Service& service, const Json& params, Callback<Json> done) {
  service.list_devices(middle::DeviceId(params.value("after", "")), kDevicesPerPage,
                       answer_with<std::vector<middle::DeviceId>>(
                           std::move(done), [](const std::vector<middle::DeviceId>& devices) {
                             Json list = Json::array();
                             for (const auto& device : devices) list.push_back(device.value());
                             return list;
                           }));
}

// The middle knows only who is connected: that there is no such device is looked up.
void kick_device(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto device = device_of(params);
  service.show_device(device, [&service, device, done = std::move(done)](
                                  const Result<middle::DeviceStatus>& shown) mutable {
    if (!shown.ok()) return done(shown.error());
    service.kick_device(device, answer_done(std::move(done)));
  });
}

}  // namespace

void add_device_control(ControlTable& table, middle::Service& service) {
  table.add("device.list", [&service](const Json& params, Callback<Json> done) {
    list_devices(service, params, std::move(done));
  });
  table.add("device.show", [&service](const Json& params, Callback<Json> done) {
    service.show_device(device_of(params),
                        answer_with<middle::DeviceStatus>(std::move(done), device_json));
  });
  table.add("device.remove", [&service](const Json& params, Callback<Json> done) {
    service.remove_device(device_of(params), answer_done(std::move(done)));
  });
  table.add("device.kick", [&service](const Json& params, Callback<Json> done) {
    kick_device(service, params, std::move(done));
  });
  table.add("device.ban", [&service](const Json& params, Callback<Json> done) {
    service.ban_device(device_of(params), params.value("banned", true),
                       answer_done(std::move(done)));
  });
}

}  // namespace longwire::daemon
