//! The C interface called as C calls it: every refusal leaves the outputs as they were.

use core::ffi::{CStr, c_void};
use core::ptr::{null, null_mut};

use teeter_c::*;

#[test]
fn dot_norm_and_axpy_give_the_kernel_s_bits() {
    let (x, mut y) = ([3.0_f64, 4.0, 0.5], [1.0_f64, 2.0, 4.0]);
    for machine in [teeter_machine_portable(), teeter_machine_detect()] {
        let (mut dot, mut norm) = (f64::NAN, f64::NAN);
        // SAFETY: all pointers are of live arrays of the lengths given.
        unsafe {
            assert_eq!(teeter_dot_f64(machine, 3, x.as_ptr(), y.as_ptr(), &mut dot), TEETER_OK);
            assert_eq!(teeter_norm2_f64(machine, 2, x.as_ptr(), &mut norm), TEETER_OK);
        }
        assert_eq!((dot, norm), (13.0, 5.0));
    }
    // SAFETY: as above.
    let status =
        unsafe { teeter_axpy_f64(teeter_machine_detect(), 3, 2.0, x.as_ptr(), y.as_mut_ptr()) };
    assert_eq!((status, y), (TEETER_OK, [7.0, 10.0, 5.0]));
}

#[test]
fn bad_pointers_are_refused_and_outputs_untouched() {
    let machine = teeter_machine_detect();
    let x = [1.0_f32; 8];
    let mut result = 42.0_f32;
    // SAFETY: refused before anything is read; the one good pointer is of a live array.
    unsafe {
        assert_eq!(teeter_dot_f32(machine, 8, null(), x.as_ptr(), &mut result), TEETER_NULL);
        assert_eq!(teeter_dot_f32(machine, 8, x.as_ptr(), x.as_ptr(), null_mut()), TEETER_NULL);
        let odd = x.as_ptr().byte_add(1);
        assert_eq!(teeter_dot_f32(machine, 1, odd, x.as_ptr(), &mut result), TEETER_MISALIGNED);
        let huge = usize::MAX / 2;
        assert_eq!(teeter_norm2_f32(machine, huge, x.as_ptr(), &mut result), TEETER_LENGTH);
        assert_eq!(teeter_dot_f32(77, 8, x.as_ptr(), x.as_ptr(), &mut result), TEETER_MACHINE);
    }
    assert_eq!(result, 42.0);
}

#[test]
fn overlap_is_refused() {
    let machine = teeter_machine_detect();
    let mut memory = [1.0_f64; 8];
    let base = memory.as_mut_ptr();
    // SAFETY: both ranges lie in `memory`; refused before anything is written.
    let status = unsafe { teeter_axpy_f64(machine, 4, 1.0, base, base.add(2)) };
    assert_eq!((status, memory), (TEETER_OVERLAP, [1.0; 8]));
}

/// diag(1, 2, …, n); returns 7 from call number `*context` on.
unsafe extern "C" fn counting(context: *mut c_void, n: usize, x: *const f64, y: *mut f64) -> i32 {
    // SAFETY: the library hands over the context and n elements each.
    unsafe {
        let left = &mut *context.cast::<usize>();
        if *left == 0 {
            return 7;
        }
        *left -= 1;
        for i in 0..n {
            *y.add(i) = (i + 1) as f64 * *x.add(i);
        }
    }
    0
}

fn top(budget: usize, which: u32, scratch_len: usize) -> (teeter_status, teeter_eigenpair_f64) {
    let mut calls = budget;
    let operator = teeter_operator_f64 {
        n: 5,
        product: Some(counting),
        context: (&raw mut calls).cast::<c_void>(),
    };
    let options =
        teeter_lanczos_options_f64 { which, krylov_dim: 5, product_max: 20, tolerance: 1e-12 };
    let mut vector = [1.0, -1.0, 1.0, -1.0, 1.0];
    let mut memory = vec![0.0; scratch_len];
    let scratch = teeter_scratch_f64 { data: memory.as_mut_ptr(), len: scratch_len };
    let mut pair = teeter_eigenpair_f64 {
        stop: 99,
        operator_code: 0,
        value: f64::NAN,
        residual: f64::NAN,
        lower: f64::NAN,
        upper: f64::NAN,
        products: 0,
        steps: 0,
        orthogonality: f64::NAN,
    };
    // SAFETY: all pointers are of live values of the lengths given.
    let status = unsafe {
        teeter_extremal_eigenpair_f64(
            teeter_machine_detect(),
            &operator,
            &options,
            vector.as_mut_ptr(),
            scratch,
            &mut pair,
        )
    };
    (status, pair)
}

#[test]
fn eigenpair_of_a_callback_carries_its_certificate() {
    let needed = teeter_extremal_eigenpair_scratch_len(5, 5);
    for (which, expected) in [(0, 5.0), (1, 1.0), (2, 5.0)] {
        let (status, pair) = top(100, which, needed);
        assert_eq!(status, TEETER_OK);
        assert!(pair.residual <= 1e-12 * expected, "residual {}", pair.residual);
        assert!((pair.value - expected).abs() <= pair.residual + 1e-14, "value {}", pair.value);
        assert!(pair.products <= 20, "{} products", pair.products);
    }
}

#[test]
fn operator_that_fails_at_any_product_stops_cleanly_with_its_code() {
    let needed = teeter_extremal_eigenpair_scratch_len(5, 5);
    let (_, whole) = top(100, 0, needed);
    for budget in 0..whole.products {
        let (status, pair) = top(budget, 0, needed);
        assert_eq!((status, pair.operator_code), (TEETER_OPERATOR, 7), "failing after {budget}");
        assert_eq!((pair.stop, pair.value.is_nan()), (99, true), "outputs were written");
    }
    assert_eq!(top(whole.products, 0, needed).0, TEETER_OK);
}

#[test]
fn misuse_of_the_eigenpair_has_a_status_each() {
    let needed = teeter_extremal_eigenpair_scratch_len(5, 5);
    assert_eq!(top(100, 0, needed - 1).0, TEETER_SHORT);
    assert_eq!(top(100, 4, needed).0, TEETER_RANGE);
}

#[test]
fn every_status_has_a_text_of_its_own() {
    let mut texts = std::collections::BTreeSet::new();
    for status in TEETER_OK..=TEETER_OTHER {
        // SAFETY: the text is a static string.
        let text = unsafe { CStr::from_ptr(teeter_status_text(status)) };
        assert!(texts.insert(text.to_owned()), "status {status} shares the text {text:?}");
    }
}

/// The text of `file` beside this crate's manifest.
fn text(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `kernel/capi/header` derives one from the other; here so that a plain `cargo test` sees it too.
#[test]
fn single_is_double_with_another_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/double");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("src/double") {
        let name = entry.expect("a file").file_name().into_string().expect("a plain name");
        let derived = text(&format!("src/double/{name}")).replace("f64", "f32");
        let found = text(&format!("src/single/{name}"));
        // The first line says which is which.
        let body = |whole: &str| whole.split_once('\n').map(|(_, rest)| rest.to_owned());
        assert_eq!(body(&derived), body(&found), "{name}: run kernel/capi/header");
        seen += 1;
    }
    assert!(seen > 20, "{seen} files");
}

/// What is exported is declared, and what is declared is exported.
#[test]
fn header_declares_what_is_exported() {
    let mut exported = std::collections::BTreeSet::new();
    let files =
        ["status", "machine", "random", "shape", "sizes"].map(|name| format!("src/{name}.rs"));
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let formats = ["double", "single"].into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(source.join(folder)).expect("a folder");
        entries.map(move |entry| {
            format!("src/{folder}/{}", entry.expect("a file").file_name().to_string_lossy())
        })
    });
    for file in files.into_iter().chain(formats) {
        for part in text(&file).split("extern \"C\" fn teeter_").skip(1) {
            exported.insert(format!("teeter_{}", part.split('(').next().expect("a name")));
        }
    }
    let header = text("include/teeter.h");
    let declared: std::collections::BTreeSet<String> = header
        .lines()
        .filter(|line| !line.starts_with("static") && !line.starts_with([' ', '#', '/']))
        .filter(|line| !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next().map(str::to_owned))
        .filter(|name| name.starts_with("teeter_"))
        .collect();
    assert_eq!(declared, exported, "run kernel/capi/header");
    assert!(exported.len() > 200, "{} functions", exported.len());
}
