// The program: runs one command line, from the arguments of `main` to the exit status.
#pragma once

namespace weir::cli {

/// Runs the program with the arguments of `main`; returns the exit status. Does not throw.
int run(int argc, char** argv);

}  // namespace weir::cli
