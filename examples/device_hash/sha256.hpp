// SHA-256 of a file, by OpenSSL.
#pragma once

#include <filesystem>
#include <string>

namespace device_hash {

/// 64 hexadecimal digits. Reads the file in pieces. Throws std::system_error where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace device_hash
