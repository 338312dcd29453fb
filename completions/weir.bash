# shellcheck shell=bash
# Completion of weir for bash. weir itself knows what can come next: see src/cli/complete.h.

_weir() {
  local cur cword candidate i
  local -a words asked
  if declare -F _get_comp_words_by_ref >/dev/null; then
    # Names of streams have colons, at which bash would break the line.
    _get_comp_words_by_ref -n ':=' cur words cword
  else
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]}
  fi
  for ((i = 1; i <= cword; i++)); do
    asked+=("${words[i]//[\'\"\\]/}")
  done
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    case $candidate in
      :files)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
      ":command "*)
        declare -F _command_offset >/dev/null && _command_offset "${candidate#:command }"
        return
        ;;
    esac
    printf -v candidate %q "$candidate"
    COMPREPLY+=("$candidate")
  done < <("${words[0]/#\~/$HOME}" __complete "${asked[@]}" 2>/dev/null)
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before=${cur%"${cur##*:}"}
    for i in "${!COMPREPLY[@]}"; do
      COMPREPLY[i]=${COMPREPLY[i]#"$before"}
    done
  fi
}

complete -o nosort -F _weir weir
