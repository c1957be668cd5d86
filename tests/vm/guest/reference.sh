# Every thread as declared.
exec vm_reference
