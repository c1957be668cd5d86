// Each function here must compile to one address load: one_address_load.py looks at the machine code. The first word of
// a function's name says which pool it must load.
#include <lookup/topology.hpp>

using namespace pinfold::literals;

extern "C" {
void* net_by_object() { return &lookup::asio_pools::net; }
void* net_by_alias_object() { return &lookup::asio_pools::gossip; }
void* net_by_string() { return &lookup::topology.asio<"net">(); }
void* net_by_alias_string() { return &lookup::topology.asio<"repair">(); }
void* net_without_kind() { return &lookup::topology["net"_s]; }
void* file_by_fallback_object() { return &lookup::asio_pools::disabled; }
void* file_by_fallback_string() { return &lookup::topology.asio<"disabled">(); }
void* default_by_string() { return &lookup::topology.native<"default">(); }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void* default_by_standing_in() { return &lookup::topology.native<"undeclared">(); }
#pragma GCC diagnostic pop
}
