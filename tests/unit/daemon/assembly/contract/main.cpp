// The worlds of the contract: each value of each switch by itself, and random combinations of all.
// `assembly_contract --combinations 500 --seed 7`; the seed is printed and repeats a run.
#include <charconv>
#include <iostream>
#include <string_view>

#include "core/random.hpp"
#include "tests/unit/daemon/assembly/contract/contract.hpp"

namespace assembly_sync::assembly {
namespace {

struct Arguments {
  std::uint64_t seed = core::make_system_random()->next() % 1'000'000'000;
  std::uint64_t combinations = 50;
};

Arguments& arguments() {
  static Arguments given;
  return given;
}

std::vector<Setting> settings() {
  std::vector<Setting> all{{"defaults", {}}};
  for (const sandbox::SwitchRow& row : sandbox::switch_table()) {
    for (std::size_t value = 1; value < row.values.size(); ++value) {
      Setting one{std::string(row.name) + '_' + std::string(row.values[value]), {}};
      row.set(one.switches, value);
      all.push_back(one);
    }
  }
  const auto random = core::make_seeded_random(arguments().seed);
  for (std::uint64_t n = 0; n < arguments().combinations; ++n) {
    Setting one{"random_" + std::to_string(n), {}};
    for (const sandbox::SwitchRow& row : sandbox::switch_table()) {
      row.set(one.switches, random->next() % row.values.size());
    }
    all.push_back(one);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(UnderEverySwitch, AssemblyContract, testing::ValuesIn(settings()),
                         [](const auto& setting) { return setting.param.name; });

void read_arguments(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view name = argv[i];
    const std::string_view text = argv[i + 1];
    std::uint64_t* const wanted = name == "--seed"           ? &arguments().seed
                                  : name == "--combinations" ? &arguments().combinations
                                                             : nullptr;
    if (wanted != nullptr) std::from_chars(text.data(), text.data() + text.size(), *wanted);
  }
}

}  // namespace
}  // namespace assembly_sync::assembly

int main(int argc, char** argv) {
  using namespace assembly_sync::assembly;
  read_arguments(argc, argv);  // before the cases are made
  std::cout << "seed " << arguments().seed << ", " << arguments().combinations
            << " random combinations\n";
  GTEST_FLAG_SET(brief, true);  // thousands of cases: only failures are of interest
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
