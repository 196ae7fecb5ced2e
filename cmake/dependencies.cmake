# Everything we use that we did not write; scripts/bootstrap installs the same list.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

# Asio is compiled once, in cmake/asio.cpp: it is the largest part of every file that includes it.
add_library(clacks_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp)
add_library(clacks::asio ALIAS clacks_asio)
target_compile_definitions(clacks_asio PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_features(clacks_asio PUBLIC cxx_std_20)
target_link_libraries(clacks_asio
    PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads
    PRIVATE clacks::options)

# Boost.URL likewise, in cmake/url.cpp: Debian's headers bring it without its library.
add_library(clacks_url STATIC ${CMAKE_CURRENT_LIST_DIR}/url.cpp)
add_library(clacks::url ALIAS clacks_url)
target_compile_definitions(clacks_url PUBLIC BOOST_URL_NO_LIB)
target_link_libraries(clacks_url PUBLIC Boost::headers PRIVATE clacks::options)
