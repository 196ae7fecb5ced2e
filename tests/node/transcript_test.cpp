#include "tests/node/transcript.hpp"

#include <doctest/doctest.h>

namespace {

void play(const std::string& name) {
    clacks::node::Transcript(TRANSCRIPTS_DIRECTORY "/" + name + ".txt").play();
}

}  // namespace

TEST_CASE("transcript: logging in goes as recorded") { play("01-login"); }

TEST_CASE("transcript: signals go as recorded") { play("02-signals"); }

TEST_CASE("transcript: the store answers as recorded") { play("03-store"); }

TEST_CASE("transcript: a monitor sees what is recorded") { play("04-monitor"); }

TEST_CASE("transcript: OVERHEAD goes as recorded") { play("05-overhead"); }

TEST_CASE("transcript: permissions are refused as recorded") { play("06-permissions"); }

TEST_CASE("transcript: a master meets a slave as recorded") { play("07-master-meets-slave"); }

TEST_CASE("transcript: a slave meets its master as recorded") { play("08-slave-meets-master"); }

TEST_CASE("transcript: clients are listed and disconnected as recorded") { play("09-clients"); }

TEST_CASE("transcript: a node that stops says so as recorded") { play("10-shutdown"); }
