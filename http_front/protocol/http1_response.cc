#include "http_front/protocol/http1_response.h"

#include <array>
#include <charconv>

namespace longwire::http {
namespace {

void append_number(std::int64_t number, Bytes& out) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void append_two_digits(unsigned value, std::string& out) {
  out.push_back(static_cast<char>('0' + value / 10 % 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

struct CivilDate {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 to a date; years begin in March so that the leap day is the last.
CivilDate civil_date(std::int64_t days) {
  constexpr std::int64_t kDaysOfEra = 146'097;
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - kDaysOfEra + 1) / kDaysOfEra;
  const auto day_of_era = static_cast<unsigned>(days - era * kDaysOfEra);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {.year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

}  // namespace

std::string http_date(std::int64_t seconds) {
  constexpr std::string_view kDays = "ThuFriSatSunMonTueWed";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::int64_t days = seconds / 86'400 - (seconds % 86'400 < 0 ? 1 : 0);
  const auto of_day = static_cast<unsigned>(seconds - days * 86'400);
  const CivilDate date = civil_date(days);
  const auto weekday = static_cast<std::size_t>((days % 7 + 7) % 7);
  std::string text(kDays.substr(weekday * 3, 3));
  text += ", ";
  append_two_digits(date.day, text);
  text.push_back(' ');
  text += kMonths.substr((date.month - 1) * 3, 3);
  text.push_back(' ');
  append_number(date.year, text);
  text.push_back(' ');
  append_two_digits(of_day / 3600, text);
  text.push_back(':');
  append_two_digits(of_day / 60 % 60, text);
  text.push_back(':');
  append_two_digits(of_day % 60, text);
  text += " GMT";
  return text;
}

void append_http1_response(const Response& response, const Http1Framing& framing, Bytes& out) {
  out.reserve(out.size() + response.body.size() + 256);
  out += "HTTP/1.1 ";
  append_number(response.status, out);
  out.push_back(' ');
  out += status_phrase(response.status);
  out += "\r\nContent-Type: ";
  out += response.content_type;
  out += "\r\nContent-Length: ";
  append_number(static_cast<std::int64_t>(response.body.size()), out);
  if (!framing.date.empty()) {
    out += "\r\nDate: ";
    out += framing.date;
  }
  if (response.retry_after) {
    out += "\r\nRetry-After: ";
    append_number(response.retry_after->count(), out);
  }
  if (!response.extra.name.empty()) {
    out += "\r\n";
    out += response.extra.name;
    out += ": ";
    out += response.extra.value;
  }
  out += framing.keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  if (!framing.head_only) out += response.body;
}

}  // namespace longwire::http
