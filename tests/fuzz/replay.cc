// Runs a fuzz target without libFuzzer: `TARGET SEEDS [INPUTS]`. The target gets each file of the folder SEEDS, and
// then INPUTS inputs made of these files, the same inputs each time. An input that ends the run stays in the current
// folder, as libFuzzer would leave it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using namespace weir;

namespace {

constexpr std::size_t kLongest = 1024;

std::vector<std::string> seeds_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> seeds;
  std::ranges::transform(paths, std::back_inserter(seeds), &fuzz::read_file);
  return seeds;
}

class Mutations {
 public:
  explicit Mutations(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string input = seed();
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      change(input);
    }
    input.resize(std::min(input.size(), kLongest));
    return input;
  }

 private:
  // Not a distribution of the library: those differ from one to the next.
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  const std::string& seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    switch (below(5)) {
      case 0:
        input.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 1:
        input.erase(at, 1 + below(8));
        break;
      case 2:
        if (at < input.size()) {
          input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        }
        break;
      case 3:
        input.insert(at, input.substr(below(input.size()), 1 + below(32)));
        break;
      default: {
        const std::string& other = seed();
        const std::size_t from = below(other.size() + 1);
        input.replace(at, below(32), other, from, below(64));
      }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{1};
};

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: TARGET SEEDS [INPUTS]\n";
    return 2;
  }
  const std::vector<std::string> seeds = seeds_in(argv[1]);
  const std::size_t inputs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5000;
  const std::string left = std::filesystem::absolute("crash-" + std::string(std::filesystem::path(argv[1]).filename()));
  std::ranges::for_each(seeds, &run);
  Mutations mutations(seeds);
  for (std::size_t i = 0; i < inputs; ++i) {
    const std::string input = mutations.next();
    fuzz::write_file(left, input);
    run(input);
  }
  std::filesystem::remove(left);
  std::cout << seeds.size() << " seeds and " << inputs << " inputs made of them, nothing found\n";
  return 0;
}
