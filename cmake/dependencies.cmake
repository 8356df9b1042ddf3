# Third-party libraries, all packages of Debian 12.
include(GoogleTest)
find_package(Threads REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Net NetSSL Crypto XML Util)
find_package(OpenSSL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(date REQUIRED)

# simdjson and libpsl ship no CMake targets that work on Debian 12, and those of prometheus-cpp want a web server
# and curl; name them here once.
add_library(simdjson_lib INTERFACE)
target_link_libraries(simdjson_lib INTERFACE simdjson)
add_library(prometheus_core_lib INTERFACE)
target_link_libraries(prometheus_core_lib INTERFACE prometheus-cpp-core)
