#include PINFOLD_VM_HEADER

#include "layout.hpp"

int main() { return pinfold_vm::check_layout(PINFOLD_VM_NAMESPACE::topology); }
