//! `house`: where `unsafe` stands and why, and the longest file and function of each crate.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

/// What `house` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Write `docs/UNSAFE.md`.
    #[arg(long)]
    write: bool,
}

/// Why, where the file itself does not give it with its `allow(unsafe_code)`.
const REASONS: [(&str, &str); 12] = [
    ("kernel/src/simd/cortex_m/", "functions in assembly, which `cortex_m/mod.rs` calls"),
    ("kernel/src/simd/aarch64/mod.rs", BASELINE),
    ("kernel/src/simd/wasm32/mod.rs", BASELINE),
    ("kernel/src/simd/other.rs", BASELINE),
    (
        "kernel/capi/blas/",
        "pointers, increments and leading dimensions of BLAS, for which the caller vouches",
    ),
    ("kernel/capi/tests/", "calls the C interface as C does"),
    ("kernel/capi/", "pointers and lengths from C, checked for null before they become slices"),
    ("benches/src/peer/", "the peer offers raw pointers or C functions only"),
    ("verify/firmware/bare/", "no operating system: vector table, registers, linker's memory"),
    ("host/web/wasm/", "memory that JavaScript lends, and names that it calls"),
    ("verify/firmware/peer/", "functions of CMSIS-DSP, and marks that an emulator finds"),
    ("verify/firmware/", "names that a linker can find: `#[unsafe(no_mangle)]`"),
];

/// Why a machine that no processor of its kind lacks is entered without a question.
const BASELINE: &str = "enters functions compiled for a machine; this one is always present";

/// A file with `unsafe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the root of the repository.
    pub path: String,
    /// Times the word stands in code.
    pub count: usize,
    /// Why.
    pub reason: String,
}

/// Lines of a file or a function.
struct Size {
    lines: usize,
    name: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources() -> io::Result<Vec<(String, String)>> {
    fn collect(at: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(at)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                collect(&path, files)?;
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
        Ok(())
    }
    let (root, mut files) = (root(), Vec::new());
    collect(&root, &mut files)?;
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path)?;
            let path = path.strip_prefix(&root).unwrap_or(&path);
            Ok((path.to_string_lossy().replace('\\', "/"), text))
        })
        .collect()
}

/// `unsafe` as a keyword: not in comments, text or the name of the lint.
fn unsafe_words(text: &str) -> usize {
    let followed = ["unsafe {", "unsafe fn ", "unsafe impl", "unsafe extern", "#[unsafe("];
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.map(|line| followed.iter().map(|word| line.matches(word).count()).sum::<usize>()).sum()
}

fn reason(path: &str, text: &str) -> String {
    let stated = text.split_once("allow(unsafe_code, reason = \"");
    let stated = stated.and_then(|(_, rest)| rest.split_once('"')).map(|(reason, _)| reason);
    let known = REASONS.iter().find(|(place, _)| path.starts_with(place)).map(|(_, why)| *why);
    stated.or(known).unwrap_or("no reason given").to_owned()
}

/// Every file with `unsafe`.
///
/// # Errors
/// If a file cannot be read.
pub fn places() -> io::Result<Vec<Place>> {
    let all = sources()?.into_iter().map(|(path, text)| {
        // The tests that look for the word say it.
        let count = if path.starts_with("verify/tests/") || path.starts_with("verify/src/table/") {
            0
        } else {
            unsafe_words(&text)
        };
        Place { reason: reason(&path, &text), path, count }
    });
    Ok(all.filter(|place| place.count > 0).collect())
}

/// The longest function: from its line to the brace at the same depth, as rustfmt sets it.
fn longest_function(path: &str, text: &str) -> Option<Size> {
    let lines: Vec<&str> = text.lines().collect();
    let function = |(at, line): (usize, &&str)| {
        let code = line.trim_start();
        let plain = code.replace("pub(crate) ", "").replace("pub(super) ", "");
        let signature = plain.split('(').next().unwrap_or_default();
        let before = signature.split_once("fn ").map(|(before, _)| before);
        let declares = before.is_some_and(|before| {
            before.split_whitespace().all(|word| {
                word.starts_with("pub") || ["const", "unsafe", "extern", "\"C\""].contains(&word)
            })
        });
        if !declares || line.trim_end().ends_with(['}', ';']) {
            return None;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        let length = lines[at..].iter().position(|line| *line == end)? + 1;
        let name = signature.split_once("fn ").map_or(signature, |(_, name)| name);
        let name = name.split('<').next().unwrap_or(name);
        Some(Size { lines: length, name: format!("{path}: {name}") })
    };
    lines.iter().enumerate().filter_map(function).max_by_key(|size| size.lines)
}

fn sizes() -> io::Result<String> {
    let mut text =
        String::from("| crate | lines | longest file | longest function |\n|---|---:|---|---|\n");
    let sources = sources()?;
    for part in ["kernel/src/", "kernel/capi/", "host/", "verify/", "benches/"] {
        let files = || sources.iter().filter(|(path, _)| path.starts_with(part));
        let file = files()
            .map(|(path, text)| Size { lines: text.lines().count(), name: path.clone() })
            .max_by_key(|size| size.lines);
        let function =
            files().filter_map(|(path, text)| longest_function(path, text)).max_by_key(|s| s.lines);
        let total: usize = files().map(|(_, text)| text.lines().count()).sum();
        let show = |size: Option<Size>| {
            size.map_or(String::new(), |size| format!("{} ({})", size.lines, size.name))
        };
        text += &format!("| {} | {total} | {} | {} |\n", part, show(file), show(function));
    }
    Ok(text)
}

fn document() -> io::Result<String> {
    let mut text = String::from(
        "# Where `unsafe` stands\n\n\
         Written by `cargo run --release -p teeter-verify -- house --write`; `verify/tests/house/tidy.rs` holds the\n\
         files to it, and clippy each block to a `// SAFETY:` of its own. `count` is how often the keyword stands.\n\n\
         | file | count | why |\n|---|---:|---|\n",
    );
    for Place { path, count, reason } in places()? {
        text += &format!("| `{path}` | {count} | {reason} |\n");
    }
    text += "\n## Sizes\n\nAt most 400 lines a file (`tidy.rs`) and 70 of code a function (clippy, which counts neither\n\
             comments nor blank lines, and sees no assembly; the last column counts all).\n\n";
    text += &sizes()?;
    Ok(text)
}

/// Prints or writes the document.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let text = document()?;
    if arguments.write {
        fs::write(root().join("docs/UNSAFE.md"), &text)?;
    }
    print!("{text}");
    Ok(places()?.iter().all(|place| place.reason != "no reason given"))
}
