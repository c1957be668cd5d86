# Every thread as declared.
exec vm_two_nodes
