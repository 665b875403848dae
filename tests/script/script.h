#pragma once

// Scripts: conversations with the server that read like a play.
//
//   user romeo secret                  an account
//   romeo connects [inside TLS]        a connection; plain unless said otherwise
//   romeo logs in as orchard           … and all the way to a bound session (user and actor of one
//   romeo2 logs in as balcony for romeo  name, unless said otherwise)
//   romeo sends:                       indented lines follow: bytes, white space between elements
//                                      left out
//   romeo receives:                    indented lines follow: one stanza, or <stream> </stream>
//   romeo receives nothing
//   romeo is cut off                   the connection breaks
//   romeo is closed                    the server has closed the connection
//   the archive waits / goes on        chat messages become durable later / now
//   a route fails / routes work
//   the config sets KEY VALUE          see script.cc for which
//   30 seconds pass
//   # a comment
//
// In what is received, {any} as a value or text stands for anything but nothing, and {name} for
// something to be remembered: used again it must be the same, and in what is sent it is replaced.

#include <string>

namespace longwire::test {

// Plays the file. Empty: all went as written; otherwise where and how not.
std::string play(const std::string& path);

}  // namespace longwire::test
