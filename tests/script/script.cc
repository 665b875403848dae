#include "tests/script/script.h"

#include <fstream>
#include <functional>
#include <map>
#include <optional>
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

// What the stars of a pattern stood for; the first is the whole line.
using Words = std::vector<std::string>;

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// A star stands for one word.
std::optional<Words> match_words(const std::string& pattern, const std::string& text) {
  const std::vector<std::string> wanted = split(pattern);
  const std::vector<std::string> is = split(text);
  if (wanted.size() != is.size()) return std::nullopt;
  Words found{text};
  for (std::size_t i = 0; i < is.size(); ++i) {
    if (wanted[i] == "*") {
      found.push_back(is[i]);
    } else if (wanted[i] != is[i]) {
      return std::nullopt;
    }
  }
  return found;
}

class Player {
 public:
  Player() {
    stage_.channels.add(make_script_echo());
    stage_.channels.add(make_script_machines());
  }

  // Empty: as written.
  std::string play(const Step& step);

 private:
  using Handler = std::string (Player::*)(const Words&, const Step&);

  std::string user(const Words& m, const Step&) {
    passwords_[m[1]] = m[2];
    stage_.add_user(m[1], m[2]);
    return {};
  }
  std::string connects(const Words& m, const Step&) {
    stage_.connect(m[1], false);
    return {};
  }
  std::string connects_secured(const Words& m, const Step&) {
    stage_.connect(m[1], true);
    return {};
  }
  std::string logs_in(const Words& m, const Step&) {
    const std::string name = m.size() > 3 ? m[3] : m[1];
    stage_.log_in(m[1], name, passwords_[name], m[2] == "nobody" ? "" : m[2]);
    return {};
  }
  std::string sends(const Words& m, const Step& step) {
    stage_.actor(m[1]).send(fill_in(step.block, memory_));
    stage_.settle();
    return {};
  }
  std::string receives(const Words& m, const Step& step) {
    const std::string piece = stage_.actor(m[1]).next();
    if (piece.empty()) return "nothing came";
    return match(step.block, piece, memory_);
  }
  std::string receives_nothing(const Words& m, const Step&) {
    const std::string piece = stage_.actor(m[1]).next();
    return piece.empty() ? std::string() : "came: " + piece;
  }
  std::string cut(const Words& m, const Step&) {
    stage_.actor(m[1]).cut();
    stage_.settle();
    return {};
  }
  std::string is_closed(const Words& m, const Step&) {
    return stage_.actor(m[1]).closed_by_server() ? std::string() : "it is open";
  }
  std::string archive(const Words& m, const Step&) {
    stage_.middle.hold_archive(m[0] == "the archive waits");
    stage_.settle();
    return {};
  }
  std::string routes(const Words& m, const Step&) {
    stage_.middle.fail_routes(m[0] == "a route fails");
    return {};
  }
  std::string time(const Words& m, const Step&) {
    stage_.pass(std::chrono::seconds(std::stoi(m[1])));
    return {};
  }
  std::string configure(const Words& m, const Step&) {
    ConfigSchema schema;
    xmpp::declare_config(schema, stage_.config);
    const Status set = schema.apply_assignment(m[1] + "=" + m[2]);
    return set.ok() ? std::string() : set.error().message;
  }
  std::string cursor(const Words& m, const Step&) {
    const auto is = stage_.middle.cursor(m[1]);
    return is == std::stoull(m[2]) ? std::string() : "it is at " + std::to_string(is);
  }

  struct Pattern {
    std::string words;
    Handler handler;
  };
  static const std::vector<Pattern>& patterns();

  Stage stage_;
  std::map<std::string, std::string> passwords_;
  Memory memory_;
};

const std::vector<Player::Pattern>& Player::patterns() {
  static const std::vector<Pattern> all = {
      {"user * *", &Player::user},
      {"* connects", &Player::connects},
      {"* connects inside TLS", &Player::connects_secured},
      {"* logs in as *", &Player::logs_in},
      {"* logs in as * for *", &Player::logs_in},
      {"* sends:", &Player::sends},
      {"* receives:", &Player::receives},
      {"* receives nothing", &Player::receives_nothing},
      {"* is cut off", &Player::cut},
      {"* is closed", &Player::is_closed},
      {"the archive waits", &Player::archive},
      {"the archive goes on", &Player::archive},
      {"a route fails", &Player::routes},
      {"routes work", &Player::routes},
      {"* seconds pass", &Player::time},
      {"the config sets * *", &Player::configure},
      {"the cursor of * is *", &Player::cursor},
  };
  return all;
}

std::string Player::play(const Step& step) {
  for (const Pattern& pattern : patterns())
    if (const auto words = match_words(pattern.words, step.text))
      return (this->*pattern.handler)(*words, step);
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
