// The program: one command line, from what `main` was given to the exit status.
#pragma once

namespace weir::cli {

/// Runs the program, with what `main` was given. Gives the exit status. Throws nothing.
int run(int argc, char** argv);

}  // namespace weir::cli
