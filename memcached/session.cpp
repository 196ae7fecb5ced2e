// How a session cuts its input into lines and values.
#include "memcached/session.hpp"

#include <algorithm>
#include <utility>

#include "memcached/errors.hpp"
#include "memcached/reply.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

/// A line of a command but get and its like, with its end.
constexpr std::size_t longest_line = 2048;
constexpr std::string_view line_end = "\r\n";
/// The old binary protocol begins every request so.
constexpr char binary_magic = '\x80';

class AllRights final : public Rights {
public:
    bool may_read(std::string_view) const override { return true; }
    bool may_write(std::string_view) const override { return true; }
    bool may_manage() const override { return true; }
};
constinit const AllRights everything;

}  // namespace

const Rights& all_rights() { return everything; }

Session::Session(const Settings& settings, Operations& operations, Host& host, Counters& counters,
                 PartialValues& partial_values, Visitor visitor, std::function<void()> answered)
    : settings_(settings),
      operations_(operations),
      host_(host),
      counters_(counters),
      partial_values_(partial_values),
      client_(visitor.client),
      rights_(visitor.rights),
      answered_(std::move(answered)) {}

Session::~Session() { operations_.forget(*this); }

std::size_t Session::feed(std::string_view input, WallTime now, std::string& output) {
    const std::size_t input_bytes = input.size();
    const std::size_t output_bytes = output.size();
    now_ = now;
    output_ = &output;
    keys_left_ = settings_.keys_at_once;
    if (!late_.empty()) output += std::exchange(late_, {});
    if (!begun_ && !waits_) begin();
    while (ending_ == Ending::none && !waits_ && output.size() < settings_.output_bytes &&
           (keys_left_ > 0 || !goes_on())) {
        if (!step(input)) break;
    }
    if (goes_on() && keys_left_ == 0) counters_.add(Count::yields);
    output_ = nullptr;
    const std::size_t used = input_bytes - input.size();
    if (used > 0) counters_.add(Count::bytes_read, used);
    counters_.add(Count::bytes_written, output.size() - output_bytes);
    return used;
}

void Session::begin() {
    answer_is_there_ = false;
    operations_.begin(*this);
    waits_ = !answer_is_there_;
}

/// Takes something off the input, or goes on with what is held. False: that needs more input.
bool Session::step(std::string_view& input) {
    if (held_ && held_->gets) {
        const Command& command = held_->command;
        const bool checks = held_->checks;
        if (checks && !may_get(command, held_->line, held_->key)) return true;
        get(command, held_->line, checks ? command.key : held_->key);
        return true;
    }
    if (held_ && held_->tour) {
        list_connections();
        return true;
    }
    if (swallow_ > 0) return skip(input);
    if (held_) return gather(input);
    return take_line(input);
}

bool Session::take_line(std::string_view& input) {
    const std::size_t at = input.find('\n', scanned_);
    const std::string_view whole = input.substr(0, at);
    if (whole.starts_with(binary_magic)) {
        end(Ending::closed, "the binary protocol is not offered");
        return false;
    }
    if (has_too_long_line(whole)) {
        end(Ending::closed, "line too long");
        return false;
    }
    if (at == input.npos) {
        scanned_ = input.size();
        return false;
    }
    scanned_ = 0;
    input.remove_prefix(at + 1);
    execute(whole.ends_with('\r') ? whole.substr(0, at - 1) : whole, input);
    return true;
}

bool Session::has_too_long_line(std::string_view line) const {
    if (line.size() <= longest_line) return false;
    const std::string_view word = Words(line).next();
    const bool is_get =
        rights_ && (word == "get" || word == "gets" || word == "gat" || word == "gats");
    return !is_get || line.size() > settings_.get_line_bytes;
}

void Session::execute(std::string_view line, std::string_view& input) {
    if (!rights_) return begin_login(line, input);
    KeyBuffer buffer;
    Command command;
    if (const auto refusal = parse(line, buffer, command)) return refuse(*refusal);
    if (!may_run(command)) {
        const std::uint64_t follows = command.has_value ? command.value_bytes + 2ULL : 0;
        const bool says_nothing = command.noreply;
        return refuse({says_nothing ? std::string_view() : errors::denied, follows, false});
    }
    if (command.has_value) return begin_value(command, line, input);
    run(command, line, {});
}

void Session::refuse(const Refusal& refusal) {
    if (refusal.closes) return end(Ending::closed, "not memcached's protocol");
    swallow_ = refusal.value_bytes;
    if (!refusal.reply.empty()) say(refusal.reply);
}

void Session::begin_value(const Command& command, std::string_view line, std::string_view& input) {
    const std::size_t block = command.value_bytes + line_end.size();
    if (command.value_bytes > settings_.item_bytes) {
        counters_.add(Count::store_too_large);
        return refuse_value(command, line, errors::too_large, block);
    }
    if (input.size() < block) return hold(line);
    const std::string_view value = input.substr(0, block);
    input.remove_prefix(block);
    finish_value(command, line, value);
}

/// The item that should have been replaced goes, so that nobody is served what is out of date.
/// `rest_bytes`: of the value, still to come.
void Session::refuse_value(const Command& command, std::string_view line, std::string_view why,
                           std::uint64_t rest_bytes) {
    swallow_ = rest_bytes;
    if (!command.noreply) say(why);
    if (command.verb != Verb::set && command.verb != Verb::meta_set) return;
    asked_ = &command;
    mutes_answer_ = true;
    answer_is_there_ = false;
    operations_.remove({.key = command.key}, now_, *this);
    if (answer_is_there_) return;
    hold(line);
    waits_ = true;
}

/// Grows with what arrives, not with what is promised.
bool Session::gather(std::string_view& input) {
    std::string& value = held_->value;
    const std::size_t whole = held_->command.value_bytes + line_end.size();
    const std::size_t taken = std::min(whole - value.size(), input.size());
    if (!has_room_for(taken)) {
        const std::size_t rest = whole - value.size();
        std::string().swap(value);
        counters_.add(Count::store_no_memory);
        refuse_value(held_->command, held_->line, errors::out_of_memory, rest);
        if (!waits_) held_.reset();
        return true;
    }
    value.append(input.substr(0, taken));
    input.remove_prefix(taken);
    if (value.size() < whole) return false;
    if (!rights_) {
        log_in(value);
    } else {
        finish_value(held_->command, held_->line, value);
    }
    if (!waits_) held_.reset();
    return true;
}

void Session::finish_value(const Command& command, std::string_view line, std::string_view block) {
    if (!block.ends_with(line_end)) {
        if (!command.noreply) say(errors::bad_data_chunk);
        return;
    }
    block.remove_suffix(line_end.size());
    run(command, line, block);
}

bool Session::has_room_for(std::size_t more_bytes) {
    if (!rights_) return true;  // a login is short, and must not fail for what others store
    const std::size_t one_item = settings_.item_bytes + line_end.size();
    return held_->share.grow(more_bytes, std::max(settings_.gathered_bytes, one_item));
}

bool Session::skip(std::string_view& input) {
    const std::size_t skipped = std::min<std::uint64_t>(swallow_, input.size());
    input.remove_prefix(skipped);
    swallow_ -= skipped;
    return swallow_ == 0;
}

/// Keeps the command, if it is not kept already. Parsing it once more sets the views right.
void Session::hold(std::string_view line) {
    if (held_) return;
    held_ = std::make_unique<Held>(partial_values_);
    held_->line = line;
    if (rights_) parse(held_->line, held_->buffer, held_->command);
}

void Session::hold_key(std::string_view line, std::string_view key) {
    const auto at = static_cast<std::size_t>(key.data() - line.data());
    hold(line);
    held_->gets = true;
    held_->key = std::string_view(held_->line).substr(at, key.size());
}

void Session::say(std::string_view line) { append_line(*output_, line); }

void Session::end(Ending ending, std::string_view reason) {
    ending_ = ending;
    close_reason_ = reason;
}

}  // namespace clacks::memcached
