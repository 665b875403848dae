#include "http_front/protocol/form.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace longwire::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(std::string_view body, std::string_view query = "") {
  const Result<Form> form = Form::parse(body, query);
  Pairs pairs;
  if (!form) return {{"ERROR", form.error().message}};
  for (const Form::Field& field : form->fields()) pairs.emplace_back(field.name, field.value);
  return pairs;
}

struct FormCase {
  const char* name;
  const char* body;
  const char* query;
  Pairs pairs;
};

const std::vector<FormCase>& cases() {
  static const std::vector<FormCase> cases{
      {"plain", "a=1&b=2", "", {{"a", "1"}, {"b", "2"}}},
      {"percent and plus", "a=%E4%BD%a0+x%2B%3d%26", "", {{"a", "你 x+=&"}}},
      {"percent in names", "extra%2Ejobkey=1", "", {{"extra.jobkey", "1"}}},
      {"percent without digits",
       "a=100%&b=%zz&c=%4",
       "",
       {{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}}},
      {"empty values", "a=&b&c=1", "", {{"a", ""}, {"b", ""}, {"c", "1"}}},
      {"leading ampersand", "&a=1", "", {{"a", "1"}}},
      {"many ampersands", "&&a=1&&&b=2&", "", {{"a", "1"}, {"b", "2"}}},
      {"no name", "=1&a=2", "", {{"a", "2"}}},
      {"repeated", "alias=a&alias=b", "", {{"alias", "a"}, {"alias", "b"}}},
      {"first repeated without ampersand",
       "aliases=aaliases=b&x=1",
       "",
       {{"aliases", "a"}, {"aliases", "b"}, {"x", "1"}}},
      {"first repeated thrice",
       "registration_ids=r1registration_ids=r2registration_ids=r3",
       "",
       {{"registration_ids", "r1"}, {"registration_ids", "r2"}, {"registration_ids", "r3"}}},
      {"packages repeated, after an ampersand",
       "&restricted_package_name=arestricted_package_name=b",
       "",
       {{"restricted_package_name", "a"}, {"restricted_package_name", "b"}}},
      {"not first: as it is",
       "x=1&aliases=aaliases=b",
       "",
       {{"x", "1"}, {"aliases", "aaliases=b"}}},
      {"not a list: as it is", "payload=apayload=b", "", {{"payload", "apayload=b"}}},
      {"raw equals in a value", "payload=aGk==", "", {{"payload", "aGk=="}}},
      {"encoded equals is a value's own", "aliases=aaliases%3Db", "", {{"aliases", "aaliases=b"}}},
      {"parameters in the query", "", "a=1&b=2", {{"a", "1"}, {"b", "2"}}},
      {"body before query", "a=1", "a=2", {{"a", "1"}, {"a", "2"}}},
      {"python literal", "", "b'a=1&b=2'", {{"a", "1"}, {"b", "2"}}},
      {"empty python literal", "", "b''", {}},
      {"nothing", "", "", {}},
  };
  return cases;
}

TEST(Form, Bodies_and_queries_are_read_as_clients_write_them) {
  for (const FormCase& one : cases()) {
    EXPECT_EQ(pairs_of(one.body, one.query), one.pairs) << one.name;
  }
}

TEST(Form, Views_survive_a_move) {
  Result<Form> parsed = Form::parse("a=short", "");
  const Form moved = std::move(parsed).value();
  EXPECT_EQ(moved.find("a"), "short");
}

TEST(Form, Empty_value_is_no_value) {
  const Result<Form> form = Form::parse("a=&a=2&b=", "");
  EXPECT_EQ(form->find("a"), "2");
  EXPECT_FALSE(form->find("b").has_value());
  EXPECT_TRUE(form->has("b"));
  EXPECT_FALSE(form->has("c"));
}

TEST(Form, Too_many_parameters_are_refused) {
  std::string body;
  for (std::size_t i = 0; i < Form::kFieldsMax; ++i) body += "a=1&";
  EXPECT_TRUE(Form::parse(body, "").ok());
  EXPECT_FALSE(Form::parse(body, "b=1").ok());
}

TEST(Form, Lists_lose_blanks_and_empty_items) {
  std::vector<std::string_view> items;
  split_list(" r1, r2,,\tr3 , ", items);
  EXPECT_EQ(items, (std::vector<std::string_view>{"r1", "r2", "r3"}));
}

TEST(Form, Numbers_are_decimal_and_clamped) {
  EXPECT_EQ(parse_number(" 42 "), 42);
  EXPECT_EQ(parse_number("+7"), 7);
  EXPECT_EQ(parse_number("-1"), -1);
  EXPECT_EQ(parse_number("99999999999999999999"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_number("-99999999999999999999"), std::numeric_limits<std::int64_t>::min());
  for (const char* bad : {"", " ", "+", "1.5", "1e3", "0x1", "one", "1 2"}) {
    EXPECT_FALSE(parse_number(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace longwire::http
