//! What the linker is told of the board: by `verify/firmware/tools`, in words apart from the compiler's flags, so that all
//! programs for a target share one `core`.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=image.ld");
    let words = |name: &str| {
        println!("cargo:rerun-if-env-changed={name}");
        let value = env::var(name).unwrap_or_default();
        value.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    for word in words("BARE_CFG") {
        println!("cargo:rustc-cfg={word}");
    }
    for word in words("BARE_LINK") {
        println!("cargo:rustc-link-arg-bins={word}");
    }
    // Chips have less memory than tests want.
    let tests = ["suite", "measure"].map(|program| (program, "BARE_RAM_TESTS"));
    for (program, name) in [("device", "BARE_RAM")].into_iter().chain(tests) {
        for bytes in words(name) {
            println!("cargo:rustc-link-arg-bin={program}=--defsym=ram_size={bytes}");
        }
    }
}
