# Completion of pinfold for bash. Generated from pinfold's parser: pinfold completion bash

# What completes by its kind: each adds to COMPREPLY the words that begin as pinfold_word does.

_pinfold_complete_words() {
  COMPREPLY+=($$(compgen -W "$$1" -- "$$pinfold_word"))
}

_pinfold_complete_files() {
  local IFS=$$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($$(compgen -f -- "$$pinfold_word"))
}

_pinfold_complete_folders() {
  local IFS=$$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($$(compgen -d -- "$$pinfold_word"))
}

_pinfold_complete_processes() {
  _pinfold_complete_words "$$(cd /proc && echo [0-9]*)"
}

_pinfold_complete_devices() {
  _pinfold_complete_words "$$(cd /sys/class/net && echo *)"
}

# The last word of a list with commas.
_pinfold_complete_list() {
  local before=
  if [[ $$pinfold_word == *,* ]]; then
    before=$${pinfold_word%,*},
  fi
  COMPREPLY+=($$(compgen -P "$$before" -W "$$1" -- "$${pinfold_word#"$$before"}"))
}

# KEY=VALUE: the keys of the process and of the pools that the topology on the line has, then the words that a key takes.
_pinfold_complete_settings() {
  local table tables='topology process' keys=
  if [[ -n $$pinfold_key ]]; then
    _pinfold_complete_words "$$(_pinfold_words_of "$${pinfold_key##*.}")"
    return
  fi
  if [[ -f $$pinfold_file ]]; then
    tables+=" $$(sed -nE 's/^ *\[ *(($kinds)\.[A-Za-z0-9_]+) *\].*/\1/p' "$$pinfold_file")"
  fi
  for table in $$tables; do
    keys+=" $$(printf "$$table.%s= " $$(_pinfold_keys_of "$${table%%.*}"))"
  done
  compopt -o nospace 2>/dev/null
  _pinfold_complete_words "$$keys"
}

_pinfold_complete_nothing() {
  :
}

# Of a table, the keys.
_pinfold_keys_of() {
  case $$1 in
$keys
  esac
}

# Of a key, the words that it takes.
_pinfold_words_of() {
  case $$1 in
$words
  esac
}

# Of a command, the options.
_pinfold_options_of() {
  case $$1 in
$options
  esac
}

# Of a command's option, or of its argument at a place, which of the above completes it, and with what. Fails where there
# is no such option or place, and of options without a value.
_pinfold_value_of() {
  case "$$1 $$2" in
$values
    *) return 1 ;;
  esac
}

_pinfold() {
  local pinfold_word=$${COMP_WORDS[COMP_CWORD]} pinfold_key= pinfold_file=
  local command=$${COMP_WORDS[1]} end=$$COMP_CWORD at word option= places=0 how with
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _pinfold_complete_words '$commands --help'
    return
  fi
  # Bash makes words of their own of the signs in --out=DIR, KEY=VALUE and 0-7:8-15.
  if [[ $$pinfold_word == [=:] ]]; then
    pinfold_word=
    ((++end))
  fi
  for ((at = 2; at < end; ++at)); do
    word=$${COMP_WORDS[at]}
    if [[ $$word == [=:] ]]; then
      if ((at == end - 1)) && [[ $$option == '' ]]; then
        pinfold_key=$${COMP_WORDS[at - 1]} option=--set
      fi
    elif [[ $${COMP_WORDS[at - 1]} == [=:] ]]; then
      option=
    elif [[ $$word == -* ]]; then
      option=
      if _pinfold_value_of "$$command" "$$word" >/dev/null; then
        option=$$word
      fi
    elif [[ -n $$option ]]; then
      option=
    else
      pinfold_file=$${pinfold_file:-$$word}
      ((++places))
    fi
  done
  if [[ -z $$option && $$pinfold_word == -* ]]; then
    _pinfold_complete_words "$$(_pinfold_options_of "$$command")"
  else
    read -r how with <<<"$$(_pinfold_value_of "$$command" "$${option:-$$places}")"
    "_pinfold_complete_$${how:-nothing}" "$$with"
  fi
}

complete -F _pinfold pinfold
