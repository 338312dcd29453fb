"""Reads the table of commands from `weir help`, for comparison with documents and completions."""

import re
import subprocess


def help_of(weir, *words):
    return subprocess.run([weir, "help", *words], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def commands(weir):
    """Names, such as "xadd" and "group create", in their order, without those that only repeat Redis's help."""
    lines = help_of(weir).split("\nOptions:")[0].splitlines()
    return [m[1] for m in (re.match(r"  (\w+(?: \w+)?)  +\S", line) for line in lines) if m]


def options(weir, command):
    """The long options of a command: its own, and those of every command."""
    return re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help_of(weir, *command.split()), re.MULTILINE)


def examples(weir, command):
    lines = help_of(weir, *command.split()).partition("\nExamples:\n")[2].partition("\n\n")[0].splitlines()
    return [line[2:] for line in lines if not line.startswith("  # ")]
