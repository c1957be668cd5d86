// Hashes the files of folders, each through the pool that suits the device that it lies on.
#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <pinfold/multi_scope.hpp>
#include <pinfold/pool_ref.hpp>
#include <stdexcept>
#include <storage/topology.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sha256.hpp"
#include "storage.hpp"

namespace {

using device_hash::device_kind;

constexpr const char* help_text =
    "usage: device_hash [--kind FOLDER=rotating|solid|unknown]... PATH...\n"
    "Prints what sha256sum prints for all regular files in and below the paths, in the order of their names.\n"
    "--kind says what a folder lies on, where the kernel does not know, or knows wrongly.\n";

struct options {
  std::vector<std::filesystem::path> paths;
  std::vector<device_hash::declared_kind> declared;
  bool help = false;
};

device_hash::declared_kind parse_kind(std::string_view text) {
  const std::size_t at = text.rfind('=');
  if (at == std::string_view::npos) throw std::invalid_argument("--kind needs FOLDER=KIND");
  const auto kind = device_hash::device_kind_of(text.substr(at + 1));
  if (!kind) {
    throw std::invalid_argument("--kind: there is no kind of device '" + std::string(text.substr(at + 1)) +
                                "'; there are rotating, solid and unknown");
  }
  return {.folder = text.substr(0, at), .kind = *kind};
}

options parse(int argc, char** argv) {
  options given;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help") {
      given.help = true;
    } else if (argument == "--kind") {
      if (++i == argc) throw std::invalid_argument("--kind needs FOLDER=KIND");
      given.declared.push_back(parse_kind(argv[i]));
    } else if (argument.starts_with("--")) {
      throw std::invalid_argument("there is no option '" + std::string(argument) + "'");
    } else {
      given.paths.emplace_back(argument);
    }
  }
  if (given.paths.empty() && !given.help) throw std::invalid_argument("which files? name a folder");
  return given;
}

// As sha256sum writes it: a name with a line break is escaped, and the line says so.
std::string line_of(const std::string& digest, const std::string& path) {
  std::string escaped;
  for (const char character : path) {
    if (character == '\\') {
      escaped += "\\\\";
    } else if (character == '\n') {
      escaped += "\\n";
    } else if (character == '\r') {
      escaped += "\\r";
    } else {
      escaped += character;
    }
  }
  return (escaped == path ? "" : "\\") + digest + "  " + escaped + '\n';
}

struct hashed {
  std::string digest;
  std::string error;
};

// Tasks borrow the list of files and the places of their results: multi_scope() returns when the last one has ended.
std::vector<hashed> hash(const std::vector<device_hash::file>& files) {
  const std::array<pinfold::pool_ref, 3> pools{storage::native_pools::rotating, storage::native_pools::solid,
                                               storage::native_pools::unknown};  // in the order of device_kind
  std::vector<hashed> results(files.size());
  pinfold::multi_scope(pools, [&](pinfold::pool_scopes& scopes) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      scopes[static_cast<std::size_t>(files[i].kind)].spawn([&file = files[i], &result = results[i]] {
        try {
          result.digest = device_hash::sha256_of_file(file.path);
        } catch (const std::exception& error) {
          result.error = error.what();
        }
      });
    }
  });
  return results;
}

}  // namespace

int main(int argc, char** argv) try {
  const options given = parse(argc, argv);
  if (given.help) {
    std::fputs(help_text, stdout);
    return 0;
  }
  const auto running = storage::topology.start();
  const std::vector<device_hash::file> files = device_hash::find_files(given.paths, given.declared);
  const std::vector<hashed> results = hash(files);

  int status = 0;
  std::array<std::size_t, 3> counts{};
  for (std::size_t i = 0; i < files.size(); ++i) {
    ++counts[static_cast<std::size_t>(files[i].kind)];
    if (results[i].error.empty()) {
      std::fputs(line_of(results[i].digest, files[i].path.native()).c_str(), stdout);
    } else {
      std::fprintf(stderr, "device_hash: %s\n", results[i].error.c_str());
      status = 1;
    }
  }
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    std::fprintf(stderr, "%zu files on %s storage\n", counts[kind],
                 std::string(device_hash::name_of(static_cast<device_kind>(kind))).c_str());
  }
  return status;
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "device_hash: %s (see --help)\n", error.what());
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "device_hash: %s\n", error.what());
  return 1;
}
