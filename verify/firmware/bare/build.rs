//! What the linker is told of the board: by `verify/firmware/tools`, in words apart from the compiler's flags, so that all
//! programs for a target share one `core`.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=image.ld");
    println!("cargo:rerun-if-env-changed=BARE_LINK");
    println!("cargo:rerun-if-env-changed=BARE_CFG");
    let words = |name| env::var(name).unwrap_or_default();
    for word in words("BARE_CFG").split_whitespace() {
        println!("cargo:rustc-cfg={word}");
    }
    for word in words("BARE_LINK").split_whitespace() {
        println!("cargo:rustc-link-arg-bins={word}");
    }
}
