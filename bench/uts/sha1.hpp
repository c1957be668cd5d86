// SHA-1 (FIPS 180-4) of one block: the random numbers of the tree.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace workload {

/// 16 words, the first byte the highest of the first; with its padding.
using sha1_block = std::array<std::uint32_t, 16>;
using sha1_digest = std::array<std::uint32_t, 5>;

/// Rounds First to First + 19; `words` holds the last 16 words of the message schedule.
template <std::size_t First, class Mix>
void twenty_rounds(sha1_digest& state, sha1_block& words, std::uint32_t constant, Mix mix) {
  auto [a, b, c, d, e] = state;
  for (std::size_t i = First; i < First + 20; ++i) {
    std::uint32_t& word = words[i % 16];
    if (i >= 16) word = std::rotl(words[(i + 13) % 16] ^ words[(i + 8) % 16] ^ words[(i + 2) % 16] ^ word, 1);
    const std::uint32_t next = std::rotl(a, 5) + mix(b, c, d) + e + constant + word;
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {a, b, c, d, e};
}

inline sha1_digest sha1(sha1_block words) {
  constexpr sha1_digest start{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  constexpr auto parity = [](auto b, auto c, auto d) { return b ^ c ^ d; };
  sha1_digest state = start;
  twenty_rounds<0>(state, words, 0x5a827999, [](auto b, auto c, auto d) { return (b & c) | (~b & d); });
  twenty_rounds<20>(state, words, 0x6ed9eba1, parity);
  twenty_rounds<40>(state, words, 0x8f1bbcdc, [](auto b, auto c, auto d) { return (b & c) | (b & d) | (c & d); });
  twenty_rounds<60>(state, words, 0xca62c1d6, parity);
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += start[i];
  return state;
}

}  // namespace workload
