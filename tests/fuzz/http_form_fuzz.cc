// Parameters of a call: a query and a body, cut at the first newline.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "http_front/protocol/form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = longwire::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(bytes.find('\n'), bytes.size());
  const auto form =
      http::Form::parse(bytes.substr(std::min(cut + 1, bytes.size())), bytes.substr(0, cut));
  if (!form.ok()) return 0;
  std::vector<std::string_view> items;
  for (const auto& field : form->fields()) {
    http::split_list(field.value, items);
    (void)http::parse_number(field.value);
    if (longwire::is_utf8(field.value)) (void)longwire::count_characters(field.value);
  }
  return 0;
}
