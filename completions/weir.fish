# Completion of weir for fish. weir itself knows what can come next: see src/cli/complete.h.

function __weir_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program __complete $words "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path $current
            case ':command *'
                set -l all (commandline -opc) "$current"
                set -l first (math (string replace ':command ' '' -- $line) + 1)
                __fish_complete_subcommand --commandline $all[$first..]
            case '*'
                echo $line
        end
    end
end

complete -c weir -f -k -a '(__weir_complete)'
