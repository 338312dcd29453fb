# Completion of weir for fish. weir itself knows what can come next: see src/cli/complete/complete.h.
#
# Names of streams are chosen by others. What weir prints is compared and handed on here; it is never evaluated.

# What is written of the last word, without its quotes, also where they are still open.
function __weir_current
    set -l written (commandline -ct | string collect)
    for end in '' \' '"'
        if string unescape -- "$written$end"
            return
        end
    end
    printf '%s\n' (string trim --right --chars=\\ -- "$written")
end

function __weir_databases
    set -l option (string match -r -- '^--[^=]*=' $argv[1])
    set -l stem (string sub -s (math (string length -- "$option") + 1) -- $argv[1])
    set -l home
    if string match -q -- '~/*' $stem
        set home $HOME
        set stem $HOME(string sub -s 2 -- $stem)
    end
    for path in $stem*
        if string match -rq -- '-(wal|shm|lock)$' $path
            continue
        end
        if test -d $path
            set path $path/
        end
        if set -q home[1]
            set path '~'(string sub -s (math (string length -- $home) + 1) -- $path)
        end
        printf '%s\n' "$option$path"
    end
end

function __weir_complete
    set -l words (commandline -opc)
    set -l current (__weir_current)
    set -l program $words[1]
    set -e words[1]
    if string match -q -- '~/*' $program
        set program $HOME(string sub -s 2 -- $program)
    end
    set -l answer ($program __complete $words "$current" 2>/dev/null)
    switch "$answer[1]"
        case words
            for line in $answer[2..]
                # Outside quotes fish would leave the tilde as it is: the folder of a user, not this name.
                if string match -q -- '~*' $line; and not string match -qr -- '^[\'"]' (commandline -ct)
                    continue
                end
                printf '%s\n' $line
            end
        case databases
            __weir_databases "$current"
        case command
            if set -l dashes (contains -i -- -- $words)
                set -e words[1..$dashes]
                complete -C (string join ' ' -- (string escape -- $words) (commandline -ct | string collect))
            end
    end
end

complete -c weir -f -k -a '(__weir_complete)'
