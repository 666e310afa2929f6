//! Prints the tables: `teeter-verify invariants [--json FILE]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    teeter_verify::table::main()
}
