# Every thread as declared; and a topology that crowds these CPUs is told what the kernel does not do for it.
vm_isolated || exit
exec vm_crowded "PF220 native.urgent" "PF221 native.crowd" "PF222 native.first"
