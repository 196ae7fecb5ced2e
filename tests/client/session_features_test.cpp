#include <doctest/doctest.h>

#include "tests/client/session.hpp"

using namespace std::chrono_literals;
using clacks::Condition;
using clacks::Errc;
using clacks::error_code;
using clacks::KeyQuery;
using clacks::MonitorFilter;
using clacks::detail::Question;
using clacks::protocol::Verb;

TEST_CASE("session: FEATURES goes with the login, and its answer opens the way for the rest") {
    Session s;
    s.protocol.command(Verb::store, "a", "1");
    s.protocol.connected(s.now);
    CHECK(s.says() == "CLACKS test | OVERHEAD A bWU=: | FEATURES | FLUSH c0");
    s.hears("CLACKS node\nOVERHEAD O Welcome!\n");
    CHECK_FALSE(s.protocol.ready());
    s.hears("FEATURES expiry  tree\nFLUSHED c0\n");
    CHECK(s.protocol.features() == clacks::detail::Features{"expiry", "tree"});
    CHECK(s.says() == "STORE a=1");
    s.loses_connection();
    CHECK(s.protocol.features().empty());
}

TEST_CASE("session: a node that knows no FEATURES has none, and that is no error") {
    for (const char* answer : {Session::plain, "OVERHEAD M what?\n", ""}) {
        CAPTURE(answer);
        Session s;
        s.log_in(answer);
        CHECK(s.protocol.ready());
        CHECK(s.protocol.features().empty());
        CHECK(s.messages() == "");
        s.flush();
        s.hears("FLUSHED c1\n");
        CHECK(s.answers() == "1: done");
    }
}

TEST_CASE("session: each question is one line, and its answer is known among others") {
    struct Row {
        Question question;
        const char* line;
        const char* others;  ///< that do not answer it
        const char* answer;
        const char* result;
    };
    using namespace clacks::detail;
    const Row rows[] = {
        {Question::retrieve_many({"a", "b", "a"}), "RETRIEVEMANY a b a", "RETRIEVED b=2\n",
         "RETRIEVED a=1\nNOTRETRIEVED b\nRETRIEVED a=PAGECAMELCLACKSB64:Mg==\n",
         "RETRIEVED=1, NOTRETRIEVED, RETRIEVED=2"},
        {Question::retrieve_version("a"), "RETRIEVEVERSION a", "RETRIEVED a=1\n",
         "RETRIEVEDVERSION v7 a=x=y\n", "RETRIEVEDVERSION v7=x=y"},
        {Question::retrieve_version("a"), "RETRIEVEVERSION a", "NOTRETRIEVED b\n",
         "NOTRETRIEVED a\n", "NOTRETRIEVED"},
        {Question::exists("a"), "EXISTS a", "EXISTS b=1\n", "EXISTS a=1\n", "EXISTS=1"},
        {Question::time_to_live("a"), "TTL a", "TTL b=1\nTTL a=soon\n", "TTL a=1.5\n", "TTL=1.5"},
        {Question::time_to_live("a"), "TTL a", "TTL a\n", "TTL a=never\n", "TTL=never"},
        {Question::time_to_live("a"), "TTL a", "", "NOTRETRIEVED a\n", "NOTRETRIEVED"},
        {Question::flags("a"), "FLAGS a", "FLAGS b=1\nFLAGS a=x\n", "FLAGS a=7\n", "FLAGS=7"},
        {Question::flags("a"), "FLAGS a", "", "NOTRETRIEVED a\n", "NOTRETRIEVED"},
        {Question::time_to_live_many({"a", "b", "a"}), "TTL a b a",
         "TTL b=1\nTTL a=soon\nRETRIEVED a=1\nFLAGS a=1\n",
         "TTL a=1.5\nNOTRETRIEVED b\nTTL a=never\n", "TTL=1.5, NOTRETRIEVED, TTL=never"},
        {Question::flags_many({"a", "b"}), "FLAGS a b", "FLAGS b=1\nTTL a=1\n",
         "FLAGS a=7\nFLAGS b=0\n", "FLAGS=7, FLAGS=0"},
        {Question::flags_many({"a"}), "FLAGS a", "FLAGS b=1\n", "FLAGS a=7\n", "FLAGS=7"},
        {Question::store_if(Condition::absent(), "a", "1\n2", 0s),
         "STOREIF absent a="
         "PAGECAMELCLACKSB64:MQoy",
         "STORED v1 b\n", "STORED v2 a\n", "STORED v2"},
        {Question::store_if(Condition::version("v1"), "a", "", 90s),
         "STOREIF version:v1,for:90.000000 a=", "NOTSTORED b\n", "NOTSTORED a\n", "NOTSTORED"},
        {Question::remove_if("v1", "a"), "REMOVEIF version:v1 a", "REMOVED b\n", "REMOVED a\n",
         "REMOVED"},
        {Question::remove_if("v1", "a"), "REMOVEIF version:v1 a", "", "NOTREMOVED a\n",
         "NOTREMOVED"},
        {Question::increment_and_retrieve("n", 2), "INCREMENTANDRETRIEVE n=2",
         "NOTRETRIEVED n\nRETRIEVED m=1\n", "RETRIEVED n=3\n", "RETRIEVED=3"},
        {Question::decrement_and_retrieve("n", {}), "DECREMENTANDRETRIEVE n=1", "",
         "RETRIEVED n=-1\n", "RETRIEVED=-1"},
        {Question::keys({.pattern = "a::*", .limit = 2, .after = "b="}),
         "KEYLIST a::* limit=2 after=b=", "STATUSSTART\nSTATUS a=1\nSTATUSEND\n",
         "KEYLISTSTART\nKEY a::1\nKEYLISTEND after=a::1\n", "KEY=a::1, KEYLISTEND=after=a::1"},
        {Question::status(), "STATUS", "TREESTART\nTREEEND\n",
         "STATUSSTART\nSTATUS name=n\nSTATUS keys=0\nSTATUSEND\n",
         "STATUS=name=n, STATUS=keys=0, STATUSEND"},
        {Question::tree(), "TREE", "", "TREESTART\nTREE id=1;up=;\nTREEEND\n",
         "TREE=id=1;up=;, TREEEND"},
        {Question::clients(), "CLIENTLIST", "",
         "CLIENTLISTSTART\nCLIENT CID=x:1;HOST=x;\nCLIENTLISTEND\n",
         "CLIENT=CID=x:1;HOST=x;, CLIENTLISTEND"},
        {Question::save(), "SAVE", "STATUSSTART\nSTATUSEND\n", "SAVING 1700000000.5\n",
         "SAVING=1700000000.5"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        Session s;
        s.log_in();
        s.ask(row.question);
        CHECK(s.says() == row.line + std::string(" | FLUSH c1"));
        s.hears(row.others);
        CHECK(s.answers() == "");
        s.hears(row.answer);
        CHECK(s.answers() == std::string("1: ") + row.result);
        s.hears("FLUSHED c1\n");
        CHECK(s.answers() == "");
    }
}

TEST_CASE("session: raw values are given and taken as they stand on the line") {
    Session s({.client_name = "test", .raw_values = true});
    s.log_in();
    s.protocol.command(Verb::store, "a", "PAGECAMELCLACKSYAMLB64:eA==");
    s.protocol.store_for("a", "PAGECAMELCLACKSB64:eA==", 1s);
    s.protocol.command(Verb::store, "b", "x\nSTORE c=1");
    CHECK(s.says() ==
          "STORE a=PAGECAMELCLACKSYAMLB64:eA== | STOREFOR 1.000000 a=PAGECAMELCLACKSB64:eA== | "
          "STORE b=PAGECAMELCLACKSB64:eApTVE9SRSBjPTE=");
    s.ask(Question::store_if(Condition::absent(), "a", "PAGECAMELCLACKSB64:eA==", 0s));
    s.ask(Question::retrieve_many({"a", "b"}));
    CHECK(s.says() ==
          "STOREIF absent a=PAGECAMELCLACKSB64:eA== | FLUSH c1 | RETRIEVEMANY a b | FLUSH c2");
    s.hears("NOTSTORED a\nFLUSHED c1\nRETRIEVED a=PAGECAMELCLACKSB64:eA==\nNOTRETRIEVED b\n");
    s.hears("SET a=PAGECAMELCLACKSB64:eA==\n");
    CHECK(s.answers() == "1: NOTSTORED | 2: RETRIEVED=PAGECAMELCLACKSB64:eA==, NOTRETRIEVED");
    CHECK(s.messages() == "set a=PAGECAMELCLACKSB64:eA==");
}

TEST_CASE("session: what no line can carry is not asked") {
    struct Row {
        Question question;
        Errc error;
    };
    const Row rows[] = {
        {Question::exists("a b"), Errc::invalid_name},
        {Question::retrieve_many({}), Errc::invalid_name},
        {Question::retrieve_many({"a", ""}), Errc::invalid_name},
        {Question::retrieve_many({"a", "b c"}), Errc::invalid_name},
        {Question::flags_many({}), Errc::invalid_name},
        {Question::time_to_live_many({"a", "b c"}), Errc::invalid_name},
        {Question::increment_and_retrieve("a", clacks::Step(std::string("x"))), Errc::invalid_step},
        {Question::store_if(Condition::version(""), "a", "", 0s), Errc::invalid_version},
        {Question::store_if(Condition::version("1,for:1"), "a", "", 0s), Errc::invalid_version},
        {Question::store_if(Condition::always(), "a", "", -1s), Errc::invalid_lifetime},
        {Question::remove_if("1 2", "a"), Errc::invalid_version},
        {Question::remove_if("", "a"), Errc::invalid_version},
        {Question::keys({.limit = 0}), Errc::invalid_query},
        {Question::keys({.limit = KeyQuery::most + 1}), Errc::invalid_query},
        {Question::keys({.pattern = "**::a"}), Errc::invalid_query},
        {Question::keys({.pattern = "a limit=1"}), Errc::invalid_query},
        {Question::keys({.pattern = ""}), Errc::invalid_query},
        {Question::keys({.after = "a b"}), Errc::invalid_query},
    };
    Session s;
    s.log_in();
    for (const Row& row : rows) CHECK(s.protocol.ask(row.question, s.now).error() == row.error);
    CHECK(s.protocol.store_for("a", "", 0s) == Errc::invalid_lifetime);
    CHECK(s.protocol.expire("a", -1s) == Errc::invalid_lifetime);
    for (const MonitorFilter& filter :
         {MonitorFilter{.name = "**::a"}, {.commands = {"store"}}, {.share = 0}, {.share = 1.5}})
        CHECK(s.protocol.monitor(filter) == Errc::invalid_query);
    CHECK(s.protocol.monitor({.client = "a b"}) == Errc::invalid_name);
    CHECK(s.says() == "");
}

TEST_CASE("session: lifetimes and conditions of a monitor as they stand on the line") {
    Session s;
    s.log_in();
    CHECK(s.protocol.store_for("a", "x\ny", 1500ms) == error_code());
    CHECK(s.protocol.expire("a", 2s) == error_code());
    CHECK(s.protocol.expire("a", 0s) == error_code());
    CHECK(s.protocol.monitor(
              {.name = "a::**", .commands = {"SET", "STORE"}, .client = "x:1", .share = 0.25}) ==
          error_code());
    CHECK(s.protocol.monitor({.name = "b"}) == error_code());
    CHECK(s.protocol.monitor({.name = "b"}) == error_code());
    CHECK(s.protocol.command(Verb::client_disconnect, "x:1") == error_code());
    CHECK(s.says() ==
          "STOREFOR 1.500000 a=PAGECAMELCLACKSB64:eAp5 | EXPIRE a=2.000000 | EXPIRE a=0 | "
          "MONITOR name=a::** command=SET,STORE client=x:1 sample=0.25 | MONITOR name=b | "
          "CLIENTDISCONNECT x:1");
    s.loses_connection();
    CHECK(s.log_in().ends_with(" | MONITOR name=b"));
}

TEST_CASE("session: what a plain node lacks is refused here, and nothing is sent") {
    Session s;
    s.log_in(Session::plain);
    for (const Question& question :
         {Question::exists("a"), Question::keys({}), Question::time_to_live("a"),
          Question::store_if(Condition::absent(), "a", "1", 0s), Question::remove_if("1", "a"),
          Question::retrieve_version("a"), Question::increment_and_retrieve("a", {}),
          Question::retrieve_many({"a"}), Question::status(), Question::tree(), Question::save()})
        CHECK(s.protocol.ask(question, s.now).error() == Errc::not_supported);
    CHECK(s.protocol.store_for("a", "1", 1s) == Errc::not_supported);
    CHECK(s.protocol.expire("a", 1s) == Errc::not_supported);
    CHECK(s.protocol.listen("a::*") == Errc::not_supported);
    CHECK(s.protocol.monitor({.name = "a"}) == Errc::not_supported);
    CHECK(s.says() == "");
    CHECK(s.protocol.listen("a*") == error_code());
    CHECK(s.protocol.monitor({}) == error_code());
    s.ask(Question::clients());
    s.keys();
    CHECK(s.says() == "LISTEN a* | MONITOR | CLIENTLIST | FLUSH c1 | KEYLIST | FLUSH c2");
}

TEST_CASE("session: what was asked for before the node was known to lack it fails when it is") {
    Session s;
    s.ask(Question::exists("a"));
    s.ask(Question::keys({}));
    s.keys();
    s.protocol.store_for("a", "1", 1s);
    s.flush();
    CHECK(s.log_in(Session::plain)
              .ends_with("| EXISTS a | FLUSH c1 | KEYLIST ** limit=10000 | FLUSH c2 | KEYLIST | "
                         "FLUSH c3 | STOREFOR 1.000000 a=1 | FLUSH c4"));
    const std::string lacking = ": it is no clacksd, or an older one)";
    const std::string cannot = "the node cannot do this: it is no clacksd, or an older one (";
    CHECK(s.answers() == "1: " + cannot + "the node has no 'exists'" + lacking + " | 2: " + cannot +
                             "the node has no 'keylist_pages'" + lacking);
    // It may take a KEYLIST with conditions for one without.
    s.hears(
        "OVERHEAD E unknown_command EXISTS a\nFLUSHED c1\nKEYLISTSTART\nKEY x\nKEYLISTEND\n"
        "FLUSHED c2\nKEYLISTSTART\nKEY k\nKEYLISTEND\nFLUSHED c3\n"
        "OVERHEAD E unknown_command STOREFOR 1.000000 a=1\nFLUSHED c4\n");
    CHECK(s.answers() ==
          "3: KEY=k, KEYLISTEND | 4: " + cannot + "the node has no 'expiry'" + lacking);
}

TEST_CASE("session: a pattern or filter that went with the login of a plain node is told, once") {
    Session s;
    s.protocol.listen("a::*");
    s.protocol.monitor({.name = "b"});
    CHECK(s.log_in(Session::plain).ends_with("LISTEN a::* | MONITOR name=b | UNMONITOR"));
    CHECK(s.messages() ==
          "error the node has no 'patterns': it is no clacksd, or an older one | "
          "error the node has no 'monitor_filter': it is no clacksd, or an older one");
    s.flush();
    s.flush();
    s.hears("FLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() ==
          "1: the node cannot do this: it is no clacksd, or an older one (the node has no "
          "'patterns': it is no clacksd, or an older one) | 2: done");
}

TEST_CASE("session: a node with the extension that refuses the line has refused it") {
    Session s;
    s.log_in();
    s.ask(Question::exists("a"));
    s.hears("OVERHEAD E name_too_long limit=1 (limits.key)\nFLUSHED c1\n");
    s.ask(Question::tree());
    s.hears("OVERHEAD E permission_denied\nFLUSHED c2\n");
    CHECK(s.answers() ==
          "1: the node refused (name_too_long limit=1 (limits.key)) | "
          "2: permission denied (permission_denied)");
}

TEST_CASE("session: the refusal of a request that nobody waits for is no command's") {
    Session s;
    s.log_in();
    s.protocol.forget(s.ask(Question::exists("a")));
    s.flush();
    s.hears("OVERHEAD E permission_denied\nFLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() == "2: done");
}

TEST_CASE("session: a denial of Net::Clacks finds its request, wherever it stands") {
    for (const char* lines :
         {"OVERHEAD E permission_denied\nRETRIEVED a=1\nFLUSHED c1\nFLUSHED c2\nFLUSHED c3\n",
          "RETRIEVED a=1\nOVERHEAD E permission_denied\nFLUSHED c1\nFLUSHED c2\nFLUSHED c3\n",
          "RETRIEVED a=1\nFLUSHED c1\nOVERHEAD E permission_denied\nFLUSHED c2\nFLUSHED c3\n",
          "RETRIEVED a=1\nFLUSHED c1\nFLUSHED c2\nOVERHEAD E permission_denied\nFLUSHED c3\n",
          "RETRIEVED a=1\nFLUSHED c1\nFLUSHED c2\nFLUSHED c3\nOVERHEAD E permission_denied\n"}) {
        CAPTURE(lines);
        Session s;
        s.log_in(Session::plain);
        s.retrieve("a");
        s.ask(Question::clients());
        s.flush();
        s.hears(lines);
        CHECK(s.answers() == "1: RETRIEVED=1 | 2: permission denied (permission_denied) | 3: done");
        CHECK(s.messages() == "error permission_denied");
        s.flush();
        s.hears("FLUSHED c4\n");
        CHECK(s.answers() == "4: done");
    }
}

TEST_CASE("session: what writes is not asked twice, what reads is") {
    Session s;
    s.log_in();
    s.ask(Question::store_if(Condition::absent(), "a", "1", 0s));
    s.ask(Question::exists("a"));
    s.ask(Question::increment_and_retrieve("n", {}));
    s.ask(Question::retrieve_many({"a", "b"}));
    s.says();
    s.hears("RETRIEVED a=1\n");  // half of the answer
    s.loses_connection();
    CHECK(s.answers() == "1: the connection was lost (gone) | 3: the connection was lost (gone)");
    CHECK(s.log_in().ends_with("FLUSH c0 | EXISTS a | FLUSH c2 | RETRIEVEMANY a b | FLUSH c4"));
    s.hears("EXISTS a=0\nFLUSHED c2\nRETRIEVED a=2\nNOTRETRIEVED b\nFLUSHED c4\n");
    CHECK(s.answers() == "2: EXISTS=0 | 4: RETRIEVED=2, NOTRETRIEVED");
}

TEST_CASE("session: a write that never left is sent when there is a connection") {
    Session s;
    s.ask(Question::increment_and_retrieve("n", {}));
    CHECK(s.log_in().ends_with("INCREMENTANDRETRIEVE n=1 | FLUSH c1"));
}

TEST_CASE("session: listen and retrieve is one line, two where the node lacks it or may") {
    Session s;
    s.log_in();
    s.ask(Question::listen_and_retrieve("a"));
    CHECK(s.says() == "LISTENANDRETRIEVE a | FLUSH c1");
    s.loses_connection();
    CHECK(s.log_in(Session::plain).ends_with("LISTEN a | RETRIEVE a | FLUSH c1"));
    s.hears("RETRIEVED a=1\nFLUSHED c1\n");
    s.ask(Question::listen_and_retrieve("b"));
    CHECK(s.says() == "LISTEN b | RETRIEVE b | FLUSH c2");
    s.hears("SET b=0\nNOTRETRIEVED b\nFLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED=1 | 2: NOTRETRIEVED");
    s.loses_connection();
    s.ask(Question::listen_and_retrieve("c"));
    CHECK(s.log_in().ends_with("LISTEN a | LISTEN b | LISTEN c | RETRIEVE c | FLUSH c3"));
    CHECK(s.protocol.unlisten("a") == error_code());
    CHECK(s.says() == "UNLISTEN a");
}

TEST_CASE("session: answers are taken wherever the stream is cut") {
    const std::string stream =
        "STORED v a\r\nFLUSHED c1\r\nRETRIEVED a=1\r\nNOTRETRIEVED b\r\nFLUSHED c2\r\n"
        "KEYLISTSTART\r\nKEY a\r\nKEYLISTEND after=a\r\nFLUSHED c3\r\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        CAPTURE(cut);
        Session s;
        s.log_in();
        s.ask(Question::store_if(Condition::always(), "a", "", 0s));
        s.ask(Question::retrieve_many({"a", "b"}));
        s.ask(Question::keys({}));
        s.hears(stream.substr(0, cut));
        s.hears(stream.substr(cut));
        CHECK(s.answers() ==
              "1: STORED v | 2: RETRIEVED=1, NOTRETRIEVED | 3: KEY=a, KEYLISTEND=after=a");
    }
}
