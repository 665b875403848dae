#include "tests/script/script.h"

#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <vector>

#include "tests/script/echo.h"
#include "tests/script/match.h"
#include "tests/script/stage.h"

namespace longwire::test {
namespace {

struct Step {
  int line = 0;
  std::string text;
  std::string block;  // the indented lines below it
};

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<Step> read_steps(std::istream& file) {
  std::vector<Step> steps;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string text = trimmed(line);
    if (text.empty() || text[0] == '#') continue;
    if (line[0] == ' ' && !steps.empty()) {
      std::string& block = steps.back().block;
      // A tag broken over lines keeps its space; between elements there is none.
      if (!block.empty() && block.back() != '>') block.push_back(' ');
      block.append(text);
    } else {
      steps.push_back({number, text, {}});
    }
  }
  return steps;
}

class Player {
 public:
  Player() { stage_.channels.add(make_script_echo()); }

  // Empty: as written.
  std::string play(const Step& step);

 private:
  using Handler = std::string (Player::*)(const std::smatch&, const Step&);

  std::string user(const std::smatch& m, const Step&) {
    passwords_[m[1]] = m[2];
    stage_.add_user(m[1], m[2]);
    return {};
  }
  std::string connects(const std::smatch& m, const Step&) {
    stage_.connect(m[1], m[2].length() > 0);
    return {};
  }
  std::string logs_in(const std::smatch& m, const Step&) {
    const std::string name = m[3].length() > 0 ? m[3].str() : m[1].str();
    stage_.log_in(m[1], name, passwords_[name], m[2] == "nobody" ? "" : m[2].str());
    return {};
  }
  std::string sends(const std::smatch& m, const Step& step) {
    stage_.actor(m[1]).send(fill_in(step.block, memory_));
    stage_.settle();
    return {};
  }
  std::string receives(const std::smatch& m, const Step& step) {
    const std::string piece = stage_.actor(m[1]).next();
    if (piece.empty()) return "nothing came";
    return match(step.block, piece, memory_);
  }
  std::string receives_nothing(const std::smatch& m, const Step&) {
    const std::string piece = stage_.actor(m[1]).next();
    return piece.empty() ? std::string() : "came: " + piece;
  }
  std::string cut(const std::smatch& m, const Step&) {
    stage_.actor(m[1]).cut();
    stage_.settle();
    return {};
  }
  std::string is_closed(const std::smatch& m, const Step&) {
    return stage_.actor(m[1]).closed_by_server() ? std::string() : "it is open";
  }
  std::string archive(const std::smatch& m, const Step&) {
    stage_.middle.hold_archive(m[1] == "waits");
    stage_.settle();
    return {};
  }
  std::string routes(const std::smatch& m, const Step&) {
    stage_.middle.fail_routes(m[0] == "a route fails");
    return {};
  }
  std::string time(const std::smatch& m, const Step&) {
    stage_.pass(std::chrono::seconds(std::stoi(m[1])));
    return {};
  }
  std::string configure(const std::smatch& m, const Step&) {
    ConfigSchema schema;
    xmpp::declare_config(schema, stage_.config);
    const Status set = schema.apply_assignment(m[1].str() + "=" + m[2].str());
    return set.ok() ? std::string() : set.error().message;
  }
  std::string cursor(const std::smatch& m, const Step&) {
    const auto is = stage_.middle.cursor(m[1]);
    return is == std::stoull(m[2]) ? std::string() : "it is at " + std::to_string(is);
  }

  struct Pattern {
    std::regex regex;
    Handler handler;
  };
  static const std::vector<Pattern>& patterns();

  Stage stage_;
  std::map<std::string, std::string> passwords_;
  Memory memory_;
};

const std::vector<Player::Pattern>& Player::patterns() {
  static const std::vector<Pattern> all = {
      {std::regex("user (\\w+) (\\w+)"), &Player::user},
      {std::regex("(\\w+) connects( inside TLS)?"), &Player::connects},
      {std::regex("(\\w+) logs in as (\\w+)(?: for (\\w+))?"), &Player::logs_in},
      {std::regex("(\\w+) sends:"), &Player::sends},
      {std::regex("(\\w+) receives:"), &Player::receives},
      {std::regex("(\\w+) receives nothing"), &Player::receives_nothing},
      {std::regex("(\\w+) is cut off"), &Player::cut},
      {std::regex("(\\w+) is closed"), &Player::is_closed},
      {std::regex("the archive (waits|goes on)"), &Player::archive},
      {std::regex("a route fails|routes work"), &Player::routes},
      {std::regex("(\\d+) seconds pass"), &Player::time},
      {std::regex("the config sets (\\S+) (\\S+)"), &Player::configure},
      {std::regex("the cursor of (\\w+) is (\\d+)"), &Player::cursor},
  };
  return all;
}

std::string Player::play(const Step& step) {
  for (const Pattern& pattern : patterns()) {
    std::smatch match;
    if (std::regex_match(step.text, match, pattern.regex))
      return (this->*pattern.handler)(match, step);
  }
  return "this line is not understood";
}

}  // namespace

std::string play(const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + ": cannot be read";
  Player player;
  for (const Step& step : read_steps(file)) {
    const std::string wrong = player.play(step);
    if (wrong.empty()) continue;
    return path + ":" + std::to_string(step.line) + ": " + step.text + "\n  " + step.block +
           "\n  " + wrong;
  }
  return {};
}

}  // namespace longwire::test
