// vm_NAME [hold]: exit status 0 where every thread is as declared; with `hold` it says "ready" then, and stays.
#include PINFOLD_VM_HEADER

#include <cstdio>
#include <string_view>

#include "layout.hpp"

int main(int argc, char** argv) {
  const bool hold = argc > 1 && std::string_view(argv[1]) == "hold";
  return pinfold_vm::check_layout(PINFOLD_VM_NAMESPACE::topology, hold);
}
