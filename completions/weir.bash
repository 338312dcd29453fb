# shellcheck shell=bash
# Completion of weir for bash, 4.4 or later. weir itself knows what can come next: see src/cli/complete/complete.h.
#
# Names of streams are chosen by others. What weir prints is compared, cut and quoted here; it is never evaluated.

# Reads a command line up to the cursor as bash would, and takes the quotes off its words; nothing is expanded.
# Sets, in its caller: words, of which the last is being written; quote, the quote that is open there; mark, the number
# of characters of that word before the part that readline replaces; redirected, if the word is a redirection's file.
_weir_read_line() {
  local slash=\\ rest=$1 piece char word='' begun='' broken=0 opened=0
  words=() quote='' redirected=''
  while [[ -n $rest ]]; do
    piece=${rest%%[!A-Za-z0-9_]*}
    if [[ -n $piece ]]; then
      word+=$piece begun=1 rest=${rest:${#piece}}
      continue
    fi
    char=${rest:0:1} rest=${rest:1}
    case $quote$char in
      "''" | '""')
        quote=''
        ;;
      '"'"$slash")
        if [[ ${rest:0:1} == [\"\\\$\`] ]]; then
          char=${rest:0:1} rest=${rest:1}
        fi
        word+=$char
        ;;
      [\'\"]?)
        word+=$char
        ;;
      [\'\"])
        quote=$char opened=${#word} begun=1
        ;;
      \\)
        word+=${rest:0:1} rest=${rest:1} begun=1
        ;;
      [[:space:]] | [\<\>\|\;\&\(\)])
        # The number of 2>file is no word, and neither is the file.
        [[ $char == [\<\>] && -n $word && $word != *[!0-9]* ]] && begun=''
        if [[ -n $begun ]]; then
          [[ -z $redirected ]] && words+=("$word")
          redirected=''
        elif [[ -z $redirected && $char == [\|\;\&\(] ]]; then
          words=()
        fi
        [[ $char == [\<\>] ]] && redirected=1
        word='' begun='' broken=0
        ;;
      *)
        word+=$char begun=1
        [[ $COMP_WORDBREAKS == *"$char"* ]] && broken=${#word}
        ;;
    esac
  done
  words+=("$word")
  mark=$broken
  [[ -n $quote ]] && mark=$opened
  while [[ ${#words[@]} -gt 1 && ${words[0]} == [A-Za-z_]*=* ]]; do
    words=("${words[@]:1}") # variables before the command
  done
}

# Sets `quoted` to what readline is to write for the text $1, inside the quote that is open.
_weir_quote() {
  local text=$1 slash=\\ char
  case $quote in
    '')
      quoted=''
      [[ -n $text ]] && printf -v quoted %q "$text"
      return
      ;;
    "'")
      quoted=${text//"'"/"'\\''"}
      ;;
    '"')
      for char in "$slash" '"' '$' '`'; do
        text=${text//"$char"/"$slash$char"}
      done
      # History is expanded within these quotes, whatever stands before it.
      quoted=${text//'!'/'"\!"'}
      ;;
  esac
  # readline takes a quote at either end for the one that is open, or that closes it.
  [[ $quoted == "$quote"* ]] && quoted=$quote$quoted
  [[ $quoted == *"$quote" ]] && quoted+=$quote
}

_weir_add_databases() {
  local word=${words[-1]} option='' stem home='' path
  if [[ $word == --*=* ]]; then
    option=${word%%=*}=
  fi
  stem=${word#"$option"}
  if [[ -z $quote && $stem == \~/* ]]; then
    home=$HOME stem=$HOME${stem:1}
  fi
  compopt -o filenames 2>/dev/null
  while IFS= read -r -d '' path; do
    path=$option${home:+\~}${path:${#home}}
    COMPREPLY+=("${path:mark}")
  done < <(
    shopt -s nullglob
    shopt -u dotglob failglob
    unset GLOBIGNORE
    set +f
    for path in "$stem"*; do
      case $path in
        *-wal | *-shm | *-lock) ;;
        *) printf '%s\0' "$path" ;;
      esac
    done
  )
}

# What stands after `--` is completed as if it stood alone.
_weir_add_other_command() {
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then
        _command_offset $((i + 1))
      else
        compopt -o default 2>/dev/null
      fi
      return
    fi
  done
}

_weir() {
  local program=$1 quote mark redirected kind name quoted
  local -a words
  COMPREPLY=()
  _weir_read_line "${COMP_LINE:0:COMP_POINT}"
  if [[ -n $redirected ]]; then
    compopt -o default 2>/dev/null
    return
  fi
  [[ $program == \~/* ]] && program=$HOME${program:1}
  {
    IFS= read -r kind
    case $kind in
      words)
        while IFS=$'\t' read -r name _; do
          _weir_quote "${name:mark}"
          COMPREPLY+=("$quoted")
        done
        ;;
      databases)
        _weir_add_databases
        ;;
      command)
        _weir_add_other_command
        ;;
    esac
  } < <("$program" __complete "${words[@]:1}" 2>/dev/null)
}

complete -o nosort -F _weir weir
