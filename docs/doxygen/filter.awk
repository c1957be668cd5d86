#!/usr/bin/awk -f
# What users see of pools and scopes, and inherit from two classes in detail/, is shown as if those were public: they are
# taken out of the namespace, with the comment before them, and called by their bare names. Lines keep their numbers.

{
  gsub(/detail::basic_pool</, "basic_pool<")
  gsub(/detail::scope_base/, "scope_base")
}

/^(\/\/\/|template )/ {
  head = head $0 "\n"
  next
}

/^class (basic_pool|scope_base) {$/ {
  printf "} namespace pinfold { %s", head
  head = ""
  shown = 1
}

shown && /^ protected:$/ {
  $0 = " private:"
}

shown && /^};$/ {
  $0 = "}; } namespace pinfold::detail {"
  shown = 0
}

{
  printf "%s%s\n", head, $0
  head = ""
}
