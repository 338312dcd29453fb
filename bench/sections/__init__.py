"""The sections: a function for each, by the name that bench/run takes."""

from . import compact, file, long, policy, processes, server, work

MODULES = (file, policy, compact, processes, server, work, long)
SECTIONS = {name.strip("_").replace("_", "-"): getattr(module, name) for module in MODULES for name in module.SECTIONS}
