//! The order of the house, held by text: imports, sizes, places of unsafe, stems.

use std::fs;
use std::path::{Path, PathBuf};

/// The import table of the kernel: each layer and those it may use (`docs/ARCHITECTURE.md`).
/// All may use `check`, `error` and `state`.
const MAY_USE: [(&str, &[&str]); 16] = [
    ("error", &[]),
    ("check", &["float"]),
    ("state", &["float"]),
    ("float", &[]),
    ("random", &["float"]),
    ("simd", &["float"]),
    ("vector", &["float", "simd"]),
    ("matrix", &["float", "simd", "vector", "fixed"]),
    ("factor", &["float", "simd", "vector", "fixed", "matrix"]),
    ("fixed", &["float", "simd", "vector"]),
    ("operator", &["float", "random", "simd", "vector", "matrix"]),
    ("krylov", &["float", "random", "simd", "vector", "matrix", "factor", "operator"]),
    ("trace", &["float", "simd", "vector", "matrix", "factor", "operator", "krylov", "random"]),
    ("objective", &["float", "simd", "vector", "matrix", "operator", "random"]),
    ("optim", &["float", "simd", "vector", "random"]),
    ("curvature", &["float", "simd", "vector", "matrix", "factor", "operator", "krylov", "trace"]),
];

/// Where `unsafe` may stand.
const UNSAFE_PLACES: [&str; 3] = ["kernel/src/simd/", "kernel/src/float/sqrt.rs", "kernel/capi/"];

/// Where the kernel may ask what it is compiled for.
const CFG_PLACES: [&str; 2] = ["kernel/src/simd/", "kernel/src/float/sqrt.rs"];

/// Items that are no layer, at the root of the kernel.
const ROOT_ITEMS: [&str; 3] = ["error", "check", "state"];

const LINES_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every .rs file below `folder`, as a path from the root of the repository, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(at: &Path, files: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
        for entry in entries {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                collect(&path, files);
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    let (root, mut files) = (root(), Vec::new());
    collect(&root.join(folder), &mut files);
    files.sort();
    let relative = |path: &Path| {
        let path = path.strip_prefix(&root).expect("below the root");
        path.to_string_lossy().replace('\\', "/").trim_start_matches("./").to_owned()
    };
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a text file");
    files.iter().map(|path| (relative(path), read(path))).collect()
}

/// The text with comments and the contents of strings blanked, line by line.
fn code(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (mut in_string, mut escaped, mut previous) = (false, false, ' ');
        for c in line.chars() {
            if in_string {
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
            } else if c == '/' && previous == '/' {
                out.pop();
                break;
            } else {
                // A quote within a character literal opens no string.
                in_string = c == '"' && previous != '\'';
                out.push(c);
            }
            previous = c;
        }
        out.push('\n');
    }
    out
}

/// Whether `word` stands in `text` as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// The names that follow `crate::`, also in groups: `use crate::{a, b::c}`.
fn imported(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, matched) in text.match_indices("crate::") {
        let rest = &text[at + matched.len()..];
        let list = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or(""),
            None => rest.split([';', '\n']).next().unwrap_or(""),
        };
        for item in list.split(',') {
            let name: String =
                item.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            names.push(name);
            if !rest.starts_with('{') {
                break;
            }
        }
    }
    names
}

/// The layer that a path of the kernel belongs to.
fn layer(path: &str) -> &str {
    let inner = path.trim_start_matches("kernel/src/");
    inner.split(['/', '.']).next().unwrap_or("")
}

#[test]
fn kernel_layers_keep_to_the_import_table() {
    let names: Vec<&str> = MAY_USE.iter().map(|row| row.0).collect();
    for (path, text) in sources("kernel/src") {
        let here = layer(&path);
        if here == "lib" {
            continue;
        }
        let row = MAY_USE.iter().find(|row| row.0 == here);
        let (_, allowed) = row.unwrap_or_else(|| panic!("{path}: `{here}` is not in the table"));
        for name in imported(&code(&text)) {
            let known = names.contains(&name.as_str());
            assert!(known, "{path}: import from a layer: crate::{name} is none");
            let fine = name == here
                || ROOT_ITEMS.contains(&name.as_str())
                || allowed.contains(&name.as_str());
            assert!(fine, "{path}: `{here}` may not use `{name}`");
        }
        assert!(!code(&text).contains("super::super"), "{path}: say crate:: instead");
    }
}

/// A group of imports and a path within code are both seen.
#[test]
fn imports_are_read_in_every_form() {
    let text = "use crate::{check, float::Float};\nuse crate::krylov::Lanczos;\n let x = crate::simd::f();";
    assert_eq!(imported(text), ["check", "float", "krylov", "simd"]);
    assert!(!has_word("unsafe_code", "unsafe") && has_word("{ unsafe {", "unsafe"));
    assert_eq!(code("a // unsafe\nb \"unsafe // x\" c\n"), "a \nb \" c\n");
}

#[test]
fn files_stay_short() {
    for (path, text) in sources(".") {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{path} has {lines} lines, but {LINES_MAX} are the limit");
    }
}

#[test]
fn unsafe_stays_in_its_places() {
    for (path, text) in sources(".") {
        // The firmware is an interrupt handler by nature; these peers offer raw pointers only.
        let peers = ["benches/src/peer/matrixmultiply.rs", "benches/src/peer/blas"];
        // Forbids pages around operands, which no safe interface does.
        let guards = "verify/src/input/guarded.rs";
        // JavaScript lends the memory, and calls by name.
        let page = "host/web/wasm/";
        let others = ["verify/firmware/", guards, page];
        let outside = peers.iter().chain(&others);
        let allowed = UNSAFE_PLACES.iter().chain(outside).any(|place| path.starts_with(place));
        assert!(allowed || !has_word(&code(&text), "unsafe"), "{path}: no `unsafe` here");
    }
}

/// `docs/UNSAFE.md` lists each file, and no other; counts may be a commit old.
#[test]
fn the_table_of_unsafe_is_complete() {
    let document = fs::read_to_string(root().join("docs/UNSAFE.md")).expect("docs/UNSAFE.md");
    let listed: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(path, _)| path))
        .collect();
    let places = teeter_verify::table::house::places().expect("readable files");
    assert!(places.len() > 10, "the files are found");
    let found: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
    assert_eq!(listed, found, "write it anew: teeter-verify house --write");
    for place in &places {
        assert_ne!(place.reason, "no reason given", "{}", place.path);
    }
}

#[test]
fn the_kernel_needs_neither_std_nor_alloc_nor_features() {
    for (path, text) in sources("kernel/src") {
        let code = code(&text);
        for word in ["std", "alloc", "Vec", "Box", "String", "unwrap", "expect", "panic"] {
            // Lint names and attributes are no uses; `#[expect(…)]` is the attribute.
            let found = code.lines().any(|line| !line.contains("#[") && has_word(line, word));
            assert!(!found, "{path}: `{word}` in the kernel");
        }
        let cfg = code.lines().any(|line| {
            (line.contains("#[cfg") || line.contains("cfg!(")) && !line.contains("cfg(test)")
        });
        let allowed = CFG_PLACES.iter().any(|place| path.starts_with(place));
        assert!(allowed || !cfg, "{path}: no cfg here");
        assert!(!code.contains("(feature = "), "{path}: the kernel has no features");
    }
    let manifest = fs::read_to_string(root().join("kernel/Cargo.toml")).expect("a manifest");
    assert!(!manifest.contains("[features]"), "the kernel has no features");
    let head = fs::read_to_string(root().join("kernel/src/lib.rs")).expect("lib.rs");
    assert!(head.contains("#![no_std]") && head.contains("#![deny(unsafe_code)]"), "lib.rs");
}

/// A kernel layer, its tests and its benches share a stem, so that a name finds all three.
#[test]
fn stems_are_the_same_everywhere() {
    let exists = |path: String| root().join(path).is_file();
    let have_benches = root().join("benches/benches").is_dir();
    let tests = sources("verify/tests");
    for (layer, _) in MAY_USE.iter().filter(|row| !ROOT_ITEMS.contains(&row.0)) {
        assert!(exists(format!("kernel/src/{layer}/mod.rs")), "{layer} is no layer");
        let test = tests.iter().find(|(path, _)| path.ends_with(&format!("/{layer}.rs")));
        assert!(test.is_some(), "verify/tests/…/{layer}.rs is missing");
        assert!(
            exists(format!("verify/src/property/{layer}.rs")),
            "verify/src/property/{layer}.rs is missing"
        );
        // Elementary functions are libm's: there is nothing of ours to time.
        let timed = *layer != "float" && have_benches;
        let bench = format!("benches/benches/{layer}.rs");
        assert!(!timed || exists(bench.clone()), "{bench} is missing");
    }
}

#[test]
fn nothing_is_left_to_do_or_to_skip() {
    // Put together, so that this file does not name them.
    let markers = [["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"], ["dbg", "!("]];
    for (path, text) in sources(".") {
        for marker in markers.map(|parts| parts.concat()) {
            assert!(!code(&text).contains(&marker), "{path}: `{marker}`");
        }
    }
}

/// Tolerances live in `bound`: a test that compares with a literal like 1e-6 has a folklore one.
#[test]
fn properties_take_their_tolerances_from_bound() {
    // An asymptote's order of magnitude, and a bound that must not be so wide as to say nothing.
    let reasons = ["edge < 1e-290", "allowed <= 1e-3 * value"];
    for folder in ["verify/src/property", "verify/src/table", "verify/tests"] {
        for (path, text) in sources(folder) {
            for (number, line) in code(&text).lines().enumerate() {
                let literal = line.contains("<= 1e-") || line.contains("< 1e-");
                let explained = reasons.iter().any(|reason| line.contains(reason));
                let own = line.contains("line.contains") || line.contains("let reasons");
                let fine = !literal || explained || own;
                assert!(fine, "{path}:{}: a tolerance without a derivation", number + 1);
            }
        }
    }
}
