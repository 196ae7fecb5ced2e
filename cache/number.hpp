#pragma once

#include <string>
#include <string_view>

namespace clacks::cache {

/// What INCREMENT leaves in an entry that held `value`, after adding `step` (`subtract`: taking it
/// away). An empty step is 1.
///
/// A number is decimal digits, with a sign, a point and an exponent if need be: "1e3", ".5", "+7."
/// are numbers; "0x10", "inf" and "nan" are not. A stored value that is not wholly a number (blanks
/// around it do not matter) counts as 0; of a step the number it begins with counts ("12abc" is
/// 12, "abc" is 0).
///
/// Integers, also written like "1e3" or "5.00", are exact while operands and result fit 64 bits,
/// signed or unsigned: from -2^63 to 2^64-1. Otherwise, and with decimals, the sum is a double,
/// printed with up to 15 significant digits as printf's %.15g does.
///
/// Never infinite: a number that no double holds ("1e400") counts as 0, and a sum that none holds
/// leaves the value as it was. Source: protocol.txt, "INCREMENT".
std::string add(std::string_view value, std::string_view step, bool subtract);

}  // namespace clacks::cache
