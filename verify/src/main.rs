//! Prints the tables: `teeter-verify --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    teeter_verify::table::main()
}
