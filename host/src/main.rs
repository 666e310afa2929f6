//! The `teeter` command: parse, run, exit code.
fn main() {}
