"""What is measured: a function for each section, by the name that bench/run takes."""

from . import file, long, processes, server, work

SECTIONS = {name.strip("_").replace("_", "-"): getattr(module, name) for module in (file, processes, server, work, long) for name in module.SECTIONS}
