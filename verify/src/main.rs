//! Prints the tables: `teeter-verify invariants|ratios [--json FILE]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    teeter_verify::table::main()
}
