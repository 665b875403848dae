#pragma once

// The file of a move on disk, and the standard streams in its place ("-").

#include <memory>
#include <string>

#include "base/net/address.h"
#include "daemon/move/move_stream.h"

namespace longwire::daemon {

inline constexpr char kStandardStream[] = "-";

// Bound to one thread.
class MoveFileWriter : public ByteSink {
 public:
  // Makes a file beside `path`, mode 0600: it holds all secrets. What an earlier one left there
  // goes. kAlreadyExists: `path` exists. kInvalidArgument: the standard output is a terminal.
  static Result<std::unique_ptr<MoveFileWriter>> open(const std::string& path);
  // Whole and on the disk, under its name; where that was taken meanwhile, kAlreadyExists. Without
  // it, nothing is left.
  virtual Status finish() = 0;
};

// Bound to one thread.
class MoveFileReader : public ByteSource {
 public:
  static Result<std::unique_ptr<MoveFileReader>> open(const std::string& path);
  // Goes back to the first byte. False: it cannot, as a pipe cannot.
  virtual bool rewind() = 0;
};

}  // namespace longwire::daemon
