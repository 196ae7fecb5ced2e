#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// protocol.txt as lines, sections and tables.
namespace clacks::protocol_document {

/// The files of the source tree, found from there whatever the working directory is.
std::filesystem::path source_directory();

/// The lines of protocol.txt; throws if it cannot be read.
const std::vector<std::string>& document();

struct Section {
    std::string number;  ///< "7" or "7.4"
    std::string title;
    std::vector<std::string> lines;  ///< down to the next heading
};

/// A heading is `7. Store` underlined with '=', or `7.4 INCREMENT` at the start of a line.
std::vector<Section> sections(const std::vector<std::string>& lines);

/// The section of that title; throws if there is none, or a second one.
const Section& section(std::string_view title);

/// A table has a line of column names, a line of dashes that shows the columns' widths, and rows
/// down to an empty line. A row whose first column is empty continues the one before.
using Row = std::map<std::string, std::string>;
using Table = std::vector<Row>;
std::vector<Table> tables(const std::vector<std::string>& lines);

/// What stands behind `name` in the block of Form, Permission, Reply … that begins the section of
/// a verb; empty if there is no such field.
std::string field(const Section& section, std::string_view name);

}  // namespace clacks::protocol_document
