#pragma once

// Writing XML text: escaping, and the few shapes that are written by hand on hot paths.

#include <string>
#include <string_view>

namespace longwire::xmpp {

// Appends `text` so that a parser reads exactly it: & < > quotes, and the white space that
// normalisation would change, as references. Right in content and in attributes of either quote.
void append_escaped(std::string_view text, std::string& out);

// Appends " name='value'".
void append_attribute(std::string_view name, std::string_view value, std::string& out);

// True for text that XML 1.0 can carry: UTF-8 (no overlong form, surrogate or U+FFFE/U+FFFF) and no
// control character but tab, newline, return.
bool is_xml_text(std::string_view text);

}  // namespace longwire::xmpp
