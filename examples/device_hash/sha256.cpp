#include "sha256.hpp"

#include <openssl/evp.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace device_hash {
namespace {

struct closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

void require(int succeeded) {
  if (succeeded != 1) throw std::runtime_error("OpenSSL cannot compute SHA-256");
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rbe"));
  if (!file) throw std::system_error(errno, std::generic_category(), path.native());
  const std::unique_ptr<EVP_MD_CTX, closer> context(EVP_MD_CTX_new());
  require(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));

  std::vector<unsigned char> piece(std::size_t{1} << 18U);
  while (const std::size_t read = std::fread(piece.data(), 1, piece.size(), file.get())) {
    require(EVP_DigestUpdate(context.get(), piece.data(), read));
  }
  if (std::ferror(file.get()) != 0) throw std::system_error(errno, std::generic_category(), path.native());

  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr));
  std::string text;
  for (const unsigned char byte : digest) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace device_hash
