//! The `teeter` command.
fn main() {}
