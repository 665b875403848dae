#pragma once

// Form: the parameters of a call, from the query and an application/x-www-form-urlencoded body,
// read as liberally as real clients write them (docs/API.md names each manner):
//
//   form  = [ "b'" ] pair *( "&" pair ) [ "'" ]        ; "b'…'": a Python literal, in queries only
//   pair  = name [ "=" value ]                          ; both percent-encoded, "+" is a blank
//   first = name "=" value 1*( name "=" value )         ; first pair of a body, list names only
//
// Empty pairs are skipped; "%" without two digits stands for itself.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::http {

// Owns the decoded text; views of fields live as long as it, and survive a move. Immutable.
class Form final {
 public:
  static constexpr std::size_t kFieldsMax = 3000;

  struct Field {
    std::string_view name;
    std::string_view value;
  };

  // Parameters of the body come before those of the query. kInvalidArgument: too many.
  static Result<Form> parse(BytesView body, BytesView query);

  // The first value that is not empty; nothing where there is none: an empty value is no value.
  std::optional<std::string_view> find(std::string_view name) const;
  // The name occurs at all, be its value empty.
  bool has(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  bool take(BytesView text, bool is_body);
  bool take_pair(std::string_view pair, bool first_of_body);
  bool add(std::string_view name, std::string_view value);
  std::string_view decode(std::string_view raw);

  std::vector<char> text_;  // of fixed size: views into it must not move
  std::size_t text_used_ = 0;
  std::vector<Field> fields_;
};

// Items of a comma list without blanks around them and without empty ones, appended to `items`.
void split_list(std::string_view list, std::vector<std::string_view>& items);

bool is_blank(std::string_view text);

// Decimal with an optional sign, blanks around it allowed; beyond 64 bits it is the bound. Nothing
// where `text` is no number.
std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace longwire::http
