#include "xmpp/protocol/precis.h"

#include <unicode/idna.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "xmpp/protocol/xml_text.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kPartBytesMax = 1023;  // RFC 7622 section 3.1

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

enum class StringClass { kIdentifier, kFreeform };

bool is_letter_or_digit(UChar32 c) {
  switch (u_charType(c)) {
    case U_LOWERCASE_LETTER:
    case U_UPPERCASE_LETTER:
    case U_OTHER_LETTER:
    case U_DECIMAL_DIGIT_NUMBER:
    case U_MODIFIER_LETTER:
    case U_NON_SPACING_MARK:
    case U_COMBINING_SPACING_MARK:
      return true;
    default:
      return false;
  }
}

bool has_compatibility_form(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  return U_FAILURE(status) || !nfkc->isNormalized(icu::UnicodeString(c), status) ||
         U_FAILURE(status);
}

// RFC 8264 section 8; code points whose answer depends on their neighbours (CONTEXTJ, CONTEXTO) are
// refused, which is stricter than the rule and never looser.
bool is_allowed(UChar32 c, StringClass kind) {
  const bool freeform = kind == StringClass::kFreeform;
  switch (c) {
    case 0x00DF:
    case 0x03C2:
    case 0x06FD:
    case 0x06FE:
    case 0x0F0B:
    case 0x3007:
      return true;
    case 0x00B7:
    case 0x0375:
    case 0x05F3:
    case 0x05F4:
    case 0x30FB:
    case 0x0640:
    case 0x07FA:
    case 0x302E:
    case 0x302F:
      return false;
    default:
      break;
  }
  if ((c >= 0x0660 && c <= 0x0669) || (c >= 0x06F0 && c <= 0x06F9)) return false;
  if ((c >= 0x3031 && c <= 0x3035) || c == 0x303B) return false;
  if (!u_isdefined(c) || u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT)) return false;
  if (c >= 0x21 && c <= 0x7E) return true;
  const int syllable = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  if (syllable == U_HST_LEADING_JAMO || syllable == U_HST_VOWEL_JAMO ||
      syllable == U_HST_TRAILING_JAMO)
    return false;
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || u_iscntrl(c)) return false;
  if (has_compatibility_form(c)) return freeform;
  if (is_letter_or_digit(c)) return true;
  const auto type = u_charType(c);
  if (type == U_SURROGATE || type == U_PRIVATE_USE_CHAR || type == U_LINE_SEPARATOR ||
      type == U_PARAGRAPH_SEPARATOR)
    return false;
  return freeform;
}

bool all_allowed(const icu::UnicodeString& text, StringClass kind) {
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    if (!is_allowed(text.char32At(i), kind)) return false;
  return true;
}

bool is_right_to_left(UCharDirection direction) {
  return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
}

// The Bidi rule of RFC 5893 section 2, as far as single strings go.
bool obeys_bidi_rule(const icu::UnicodeString& text) {
  bool any = false;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UCharDirection direction = u_charDirection(text.char32At(i));
    any = any || is_right_to_left(direction) || direction == U_ARABIC_NUMBER;
  }
  if (!any) return true;
  if (!is_right_to_left(u_charDirection(text.char32At(0)))) return false;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    if (u_charDirection(text.char32At(i)) == U_LEFT_TO_RIGHT) return false;
  return true;
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

bool nfc(icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return false;
  text = normalizer->normalize(text, status);
  return U_SUCCESS(status);
}

icu::UnicodeString map_width(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) return text;
  icu::UnicodeString out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    icu::UnicodeString mapped(c);
    if (width == U_EA_FULLWIDTH || width == U_EA_HALFWIDTH)
      mapped = nfkc->normalize(mapped, status);
    out.append(mapped);
  }
  return U_SUCCESS(status) ? out : text;
}

std::optional<std::string> checked_size(std::string text) {
  if (text.empty() || text.size() > kPartBytesMax) return std::nullopt;
  return text;
}

std::optional<std::string> prepare_ascii_username(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c <= 0x20 || c == 0x7F) return std::nullopt;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return checked_size(std::move(out));
}

bool is_ascii_domain(std::string_view domain) {
  if (domain.front() == '[') return domain.size() > 2 && domain.back() == ']';
  std::size_t label = 0;
  for (const char c : domain) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
    if (!good) return false;
    if (c != '.') {
      if (++label > 63) return false;
      continue;
    }
    if (label == 0) return false;
    label = 0;
  }
  return label > 0;
}

}  // namespace

std::optional<std::string> prepare_username(std::string_view name) {
  if (name.size() > kPartBytesMax) return std::nullopt;
  if (is_ascii(name)) return prepare_ascii_username(name);
  if (!is_xml_text(name)) return std::nullopt;
  icu::UnicodeString text = map_width(icu::UnicodeString::fromUTF8(std::string(name)));
  // RFC 8265 section 3.3: the class is checked before case and normalization could hide what it
  // forbids (the Kelvin sign is no "k").
  if (!all_allowed(text, StringClass::kIdentifier)) return std::nullopt;
  text.toLower(icu::Locale::getRoot());
  if (!nfc(text) || !obeys_bidi_rule(text)) return std::nullopt;
  return checked_size(to_utf8(text));
}

std::optional<std::string> prepare_opaque(std::string_view text) {
  if (text.size() > kPartBytesMax) return std::nullopt;
  if (is_ascii(text)) {
    for (const char c : text)
      if (c < 0x20 || c == 0x7F) return std::nullopt;
    return checked_size(std::string(text));
  }
  if (!is_xml_text(text)) return std::nullopt;
  icu::UnicodeString mapped;
  const icu::UnicodeString original = icu::UnicodeString::fromUTF8(std::string(text));
  for (int32_t i = 0; i < original.length(); i = original.moveIndex32(i, 1)) {
    const UChar32 c = original.char32At(i);
    mapped.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{0x20} : c);
  }
  if (!nfc(mapped)) return std::nullopt;
  for (int32_t i = 0; i < mapped.length(); i = mapped.moveIndex32(i, 1)) {
    const UChar32 c = mapped.char32At(i);
    if (c != 0x20 && !is_allowed(c, StringClass::kFreeform)) return std::nullopt;
  }
  return checked_size(to_utf8(mapped));
}

std::optional<std::string> prepare_domain(std::string_view domain) {
  if (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  if (domain.empty() || domain.size() > kPartBytesMax) return std::nullopt;
  if (is_ascii(domain)) {
    if (!is_ascii_domain(domain)) return std::nullopt;
    std::string out(domain);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return out;
  }
  if (!is_xml_text(domain)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
      UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_CHECK_BIDI,
      status));
  if (U_FAILURE(status)) return std::nullopt;
  icu::UnicodeString out;
  icu::IDNAInfo info;
  idna->nameToUnicode(icu::UnicodeString::fromUTF8(std::string(domain)), out, info, status);
  if (U_FAILURE(status) || info.hasErrors()) return std::nullopt;
  return checked_size(to_utf8(out));
}

}  // namespace longwire::xmpp
