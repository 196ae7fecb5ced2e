#include "client/tool/entry_line.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <vector>

#include "client/tool/text.hpp"
#include "client/tool/utc_time.hpp"
#include "protocol/base64.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::tool {
namespace {

namespace json = boost::json;

using Parsed = boost::system::result<CarriedEntry, Malformed>;

/// What the members of an object say, each at most once.
struct Members {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::optional<WallTime> expires;
    std::uint32_t flags = 0;

    /// Why not; empty: taken.
    std::string take(std::string_view name, const std::string& text) {
        if (name == "key") return keep(key, text, "key");
        if (name == "value") return keep(value, protocol::encode_value(text), "value");
        if (name == "yaml") return keep(value, protocol::encode_yaml(text), "value");
        if (name == "expires") {
            expires = parse_utc(text);
            return expires ? "" : "expires is no time in UTC like 2026-11-20T18:22:03.123456Z";
        }
        if (name == "flags") {
            const char* const end = text.data() + text.size();
            const auto [last, error] = std::from_chars(text.data(), end, flags);
            return error == std::errc() && last == end ? "" : "flags is no number below 2^32";
        }
        constexpr std::string_view encoded = "_base64";
        if (!name.ends_with(encoded))
            return "there is no member '" + escape(name) +
                   "' (allowed: key, value, yaml, each also with _base64, expires and flags)";
        const auto bytes = protocol::base64_decode(text);
        if (!bytes) return escape(name) + " is no Base64";
        return take(name.substr(0, name.size() - encoded.size()), *bytes);
    }

private:
    static std::string keep(std::optional<std::string>& member, std::string text,
                            const char* name) {
        if (member) return std::string("it has more than one ") + name;
        member = std::move(text);
        return "";
    }
};

}  // namespace

std::string format_entry(const CarriedEntry& entry) {
    const auto yaml = protocol::decode_yaml(entry.value);
    const std::string value = yaml ? *yaml : protocol::decode_value(entry.value);
    const Field key{.name = "key", .value = entry.key};
    const Field content{.name = yaml ? "yaml" : "value", .value = value};
    const std::string expires = entry.expires ? format_utc(*entry.expires) : "";
    const std::string flags = std::to_string(entry.flags);
    std::vector<Field> fields = {key, content};
    if (entry.expires) fields.push_back({.name = "expires", .value = expires});
    if (entry.flags != 0) fields.push_back({.name = "flags", .value = flags});
    return json_line(fields);
}

Parsed parse_entry(std::string_view line) {
    boost::system::error_code error;
    const json::value parsed = json::parse({line.data(), line.size()}, error);
    if (error) return Malformed{"it is no JSON: " + error.message()};
    const json::object* object = parsed.if_object();
    if (!object) return Malformed{"it is no JSON object"};
    Members members;
    for (const auto& member : *object) {
        const json::string* text = member.value().if_string();
        const std::string name(member.key());
        const bool is_number = name == "flags" && member.value().is_number();
        if (!text && !is_number) return Malformed{"'" + escape(name) + "' is no string"};
        const std::string said = text ? std::string(*text) : json::serialize(member.value());
        if (auto why = members.take(name, said); !why.empty()) return Malformed{std::move(why)};
    }
    if (!members.key) return Malformed{"it has no key"};
    if (!members.value) return Malformed{"it has no value"};
    return CarriedEntry{*std::move(members.key), *std::move(members.value), members.expires,
                        members.flags};
}

}  // namespace clacks::tool
