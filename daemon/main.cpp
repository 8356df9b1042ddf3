// The program: everything is in the libraries, so that the tests link what ships.
#include <iostream>

#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/cli/cli.hpp"

int main(int argc, char** argv) {
  // It holds secrets: no memory image after a crash, no debugger, and /proc/PID is root's.
  prctl(PR_SET_DUMPABLE, 0);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto secrets = assembly_sync::config::make_system_secret_provider();
  return assembly_sync::cli::run(
      arguments, {std::cin, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1}, *secrets);
}
