//! Shared libraries, loaded at run time: the build needs none, and two that define the same
//! names can stand side by side, since each is loaded for itself (`RTLD_LOCAL`).

use std::env;
use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

use libloading::{Library, Symbol};

/// Settings of OpenBLAS that a shell may hold for another purpose, and that would slow it here.
const FOREIGN_SETTINGS: [&str; 2] = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];

/// A library that is present, with one thread.
#[derive(Debug)]
pub(super) struct Loaded {
    /// "OpenBLAS", "BLIS".
    pub(super) name: &'static str,
    /// Its version and the processor that it takes this one for.
    pub(super) description: String,
    library: Library,
}

impl Loaded {
    /// A function of the library.
    ///
    /// # Safety
    /// - `F` is the type of the function, with its arguments in C.
    pub(super) unsafe fn function<F: Copy + 'static>(&'static self, symbol: &str) -> Option<F> {
        // SAFETY: the type is the caller's promise; the library is never closed.
        let found: Result<Symbol<'static, F>, _> = unsafe { self.library.get(symbol.as_bytes()) };
        found.ok().map(|symbol| *symbol)
    }
}

/// OpenBLAS and BLIS, as far as they are installed.
pub(super) fn loaded() -> &'static [Loaded] {
    static LOADED: OnceLock<Vec<Loaded>> = OnceLock::new();
    LOADED.get_or_init(|| {
        for setting in FOREIGN_SETTINGS {
            // SAFETY: of all code in this process only the libraries below read the environment
            // other than through std, whose lock this call takes; and they are not yet loaded.
            unsafe { env::remove_var(setting) };
        }
        [open_blas(), blis()].into_iter().flatten().collect()
    })
}

/// From its Debian folder for one thread, else from wherever the loader finds it.
fn open(folder: &str, file: &str) -> Option<Library> {
    let debian = format!("/usr/lib/{}-linux-gnu/{folder}/{file}", env::consts::ARCH);
    [debian.as_str(), file].into_iter().find_map(|path| {
        // SAFETY: the initializers of these libraries look at the processor and the environment
        // and set up tables of their own; they have no other requirement.
        unsafe { Library::new(path) }.ok()
    })
}

fn open_blas() -> Option<Loaded> {
    type Text = unsafe extern "C" fn() -> *const c_char;
    let library = open("openblas-serial", "libopenblas.so.0")?;
    // SAFETY: the types are those of OpenBLAS's cblas.h; the texts live as long as the library.
    let (core, config) = unsafe {
        let set_threads = library.get::<unsafe extern "C" fn(c_int)>(b"openblas_set_num_threads");
        (set_threads.ok()?)(1);
        let core = library.get::<Text>(b"openblas_get_corename").ok()?();
        let config = library.get::<Text>(b"openblas_get_config").ok()?();
        (text(core), text(config))
    };
    let version: Vec<&str> = config.split(' ').take(2).collect();
    Some(Loaded {
        name: "OpenBLAS",
        description: format!("{}, core {core}", version.join(" ")),
        library,
    })
}

fn blis() -> Option<Loaded> {
    type Text = unsafe extern "C" fn() -> *const c_char;
    let library = open("blis-serial", "libblis.so.4")?;
    // SAFETY: the types are those of blis.h; an integer of 64 bits serves builds of 32, since it
    // travels in a register. The texts live as long as the library.
    let (core, version) = unsafe {
        let set_threads = library.get::<unsafe extern "C" fn(i64)>(b"bli_thread_set_num_threads");
        (set_threads.ok()?)(1);
        let query = library.get::<unsafe extern "C" fn() -> c_int>(b"bli_arch_query_id").ok()?;
        let name =
            library.get::<unsafe extern "C" fn(c_int) -> *const c_char>(b"bli_arch_string").ok()?;
        let version = library.get::<Text>(b"bli_info_get_version_str").ok()?();
        (text(name(query())), text(version))
    };
    Some(Loaded { name: "BLIS", description: format!("BLIS {version}, core {core}"), library })
}

/// # Safety
/// - `source` is null or the start of a text that ends in 0.
unsafe fn text(source: *const c_char) -> String {
    if source.is_null() {
        return "unknown".to_owned();
    }
    // SAFETY: by the requirement above.
    unsafe { CStr::from_ptr(source) }.to_string_lossy().into_owned()
}
