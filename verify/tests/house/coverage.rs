//! Nothing public without its evidence: each function of the kernel has a row in
//! `docs/NUMERICS.md` that names its bound and its tests, a test that calls it, and a bench.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All text of the .rs files below `folder`, file after file.
fn text_below(folder: &str) -> Vec<String> {
    fn collect(at: &Path, texts: &mut Vec<String>) {
        let Ok(entries) = fs::read_dir(at) else { return };
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.expect("a readable entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                collect(&path, texts);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(fs::read_to_string(&path).expect("a text file"));
            }
        }
    }
    let mut texts = Vec::new();
    collect(&root().join(folder), &mut texts);
    texts
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
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

/// The type of `impl<…> Type<…> {` or the trait of `pub trait Trait…`; `None` for `impl … for`.
fn subject_of(line: &str) -> Option<String> {
    if let Some(rest) = line.strip_prefix("pub trait ") {
        return Some(identifier(rest).to_owned());
    }
    let mut rest = line.strip_prefix("impl")?;
    if rest.starts_with('<') {
        let mut depth = 0_i32;
        let end = rest.char_indices().find_map(|(at, c)| {
            let arrow = c == '>' && rest[..at].ends_with('-');
            depth += i32::from(c == '<') - i32::from(c == '>' && !arrow);
            (depth == 0).then_some(at + 1)
        })?;
        rest = &rest[end..];
    }
    let rest = rest.trim_start();
    (!rest.contains(" for ")).then(|| identifier(rest).to_owned())
}

/// The name of the function that a line declares, after one of these beginnings.
fn declared<'a>(line: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    beginnings.iter().find_map(|beginning| line.strip_prefix(beginning)).map(identifier)
}

/// Unsafe, and so out of reach of tests that may not say the word: what calls them is tested. The
/// loads and stores are those of `gemm`, exhaustively; codes are the C interface's (`kernel/capi/tests`),
/// windows by pointer the BLAS's (`kernel/capi/blas/test`).
const REACHED_BY_OTHERS: [&str; 8] = [
    "Simd::mask",
    "Simd::load_pointer",
    "Simd::load_masked",
    "Simd::store_pointer",
    "Simd::store_masked",
    "Machine::from_code",
    "Window::from_raw",
    "WindowMut::from_raw",
];

/// Free functions as `name`, methods as `Type::name`, of everything public in the kernel.
fn public_functions() -> Vec<String> {
    let mut names = Vec::new();
    for text in text_below("kernel/src") {
        let (mut subject, mut is_trait) = (None, false);
        for line in text.lines() {
            if line.starts_with("impl") || line.contains("trait ") && !line.starts_with(' ') {
                subject = subject_of(line);
                is_trait = line.starts_with("pub trait ");
            } else if line == "}" {
                subject = None;
            }
            if let Some(name) = declared(line, &["pub fn ", "pub const fn "]) {
                names.push(name.to_owned());
            } else if let Some(subject) = &subject {
                let mut beginnings = vec!["    pub fn ", "    pub const fn ", "    pub unsafe fn "];
                if is_trait {
                    beginnings.extend(["    fn ", "    unsafe fn "]);
                }
                if let Some(name) = declared(line, &beginnings) {
                    names.push(format!("{subject}::{name}"));
                }
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A row of the document: definition, bound, method, source, test.
type Row = [String; 5];

/// The rows of `docs/NUMERICS.md`, by the functions that they name.
fn rows() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(root().join("docs/NUMERICS.md")).expect("docs/NUMERICS.md");
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        // A bar within a cell is written \|.
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('\u{1}', "|"))
            .collect();
        let [names, row @ ..] = &cells[..] else { continue };
        let row: Row = row.to_vec().try_into().unwrap_or_else(|_| {
            panic!("a row has six cells, not {}: {line}", cells.len());
        });
        for name in quoted(names) {
            assert!(rows.insert(name.clone(), row.clone()).is_none(), "{name} has two rows");
        }
    }
    rows
}

#[test]
fn every_public_function_has_its_row_and_no_row_is_stale() {
    let (functions, rows) = (public_functions(), rows());
    assert!(functions.len() > 100, "the reader finds the functions: {functions:?}");
    let missing: Vec<&String> = functions.iter().filter(|name| !rows.contains_key(*name)).collect();
    assert!(missing.is_empty(), "no row in docs/NUMERICS.md: {missing:#?}");
    let stale: Vec<&String> = rows.keys().filter(|name| !functions.contains(name)).collect();
    assert!(stale.is_empty(), "rows of what is not public any more: {stale:#?}");
}

#[test]
fn every_row_names_a_bound_and_tests_that_exist() {
    let bounds = text_below("verify/src/bound").concat();
    let tests = [text_below("verify/tests"), text_below("verify/src/property")].concat().concat();
    for (name, [definition, bound, method, _, test]) in rows() {
        assert!(!definition.is_empty() && !method.is_empty(), "{name}: an empty cell");
        let named: Vec<String> =
            quoted(&bound).into_iter().filter(|word| word.starts_with("bound::")).collect();
        for path in &named {
            let last = path.rsplit("::").next().unwrap_or("");
            let exists = ["fn", "const"].iter().any(|kind| {
                bounds.contains(&format!("pub {kind} {last}<"))
                    || bounds.contains(&format!("pub {kind} {last}("))
                    || bounds.contains(&format!("pub {kind} {last}:"))
            });
            assert!(exists, "{name}: there is no {path}");
        }
        let exact = has_word(&bound, "exact") || has_word(&bound, "none");
        assert!(!named.is_empty() || exact, "{name}: neither a bound nor exact: {bound}");
        let list = quoted(&test);
        assert!(!list.is_empty(), "{name}: no test is named");
        for test in list {
            assert!(tests.contains(&format!("fn {test}")), "{name}: there is no test {test}");
        }
    }
}

#[test]
fn every_public_function_is_called_by_a_test() {
    let texts = [text_below("verify/tests"), text_below("verify/src")].concat().concat();
    let untested: Vec<String> = public_functions()
        .into_iter()
        .filter(|name| !REACHED_BY_OTHERS.contains(&name.as_str()))
        .filter(|name| !has_word(&texts, name.rsplit("::").next().unwrap_or("")))
        .collect();
    assert!(untested.is_empty(), "no test names {untested:#?}");
}

/// Free functions that compute; lengths of scratch and single numbers need no clock.
#[test]
fn every_free_function_has_a_bench() {
    let benches = text_below("benches").concat();
    if !root().join("benches/benches").is_dir() {
        return;
    }
    let unmeasured: Vec<String> = public_functions()
        .into_iter()
        .filter(|name| !name.contains("::") && !name.ends_with("_len"))
        .filter(|name| !has_word(&benches, name))
        .collect();
    assert!(unmeasured.is_empty(), "no bench names {unmeasured:#?}");
}

#[test]
fn the_reader_knows_types_from_traits() {
    assert_eq!(subject_of("impl<'a, T: Float> MatRef<'a, T> {").as_deref(), Some("MatRef"));
    assert_eq!(
        subject_of("impl<F: FnMut(&[T]) -> Result<(), E>, T> FromFn<F, T> {").as_deref(),
        Some("FromFn")
    );
    assert_eq!(subject_of("impl<T> Clone for MatRef<'_, T> {"), None);
    assert_eq!(subject_of("pub trait Float:").as_deref(), Some("Float"));
    assert_eq!(quoted("`a`, `B::c` and d"), ["a", "B::c"]);
}
