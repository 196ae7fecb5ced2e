// Any value comes back and fits a line; likewise Base64 and login tokens.
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "protocol/base64.hpp"
#include "protocol/credentials.hpp"
#include "protocol/value_encoding.hpp"

using clacks::fuzz::expect;
using namespace clacks::protocol;
using namespace std::literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);

    const std::string text = encode_value(input);
    expect(text.find_first_of("\r\n\0"sv) == std::string::npos, "an encoded value fits a line");
    expect(decode_value(text) == input, "a value comes back");
    expect(decode_value(input).size() <= input.size(), "decoding does not grow");
    expect(encode_key(input).find_first_of(" =") == std::string::npos, "a key is a name");

    expect(base64_decode(base64_encode(input)).value() == input, "bytes come back from Base64");
    if (const auto bytes = base64_decode(input)) {
        expect(base64_decode(base64_encode(*bytes)).value() == *bytes, "so does what was decoded");
    }
    if (const auto credentials = decode_token(input)) {
        const auto again = decode_token(encode_token(*credentials));
        expect(again.has_value(), "a token made by us is one");
        expect(again->user == credentials->user && again->password == credentials->password,
               "credentials come back");
    }
    return 0;
}
