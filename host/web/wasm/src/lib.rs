//! The border between the trainer and JavaScript: names, numbers and pointers, no more.
//!
//! JavaScript lends all memory: it lets the module's memory grow and hands over the new pages. A session begins
//! with arrays of numbers that JavaScript reads and writes in place (`teeter_web::numbers` says which number stands where); each function
//! below takes the session first. A status is 0 for success; otherwise the session's text says what was wrong, with both numbers.
//!
//! | function | does |
//! |---|---|
//! | `teeter_version` | of this interface |
//! | `teeter_session_bytes` | what a session takes itself |
//! | `teeter_session_open` | makes one of so many bytes |
//! | `teeter_session_needs` | bytes of work memory for the configuration that stands in the session; 0 if it is refused |
//! | `teeter_session_start` | begins training on the rows that stand in the work memory |
//! | `teeter_session_step` | takes steps, and leaves their numbers |
//! | `teeter_session_set_learning_rate` | another η |
//! | `teeter_session_survey` | begins a survey here |
//! | `teeter_session_survey_advance` | takes products for it; leaves its numbers and curves at the end |
//! | `teeter_session_hash` | 64 bits for the parameters |
//! | `teeter_session_params`, `…_param_count` | where the parameters are |
//! | `teeter_session_config`, `…_steps`, `…_report`, `…_curves`, `…_text`, `…_text_len` | where the arrays are |
//! | `teeter_curve_points`, `teeter_steps_max` | how long |
#![no_std]
#![allow(unsafe_code, reason = "the border to JavaScript: memory it lends, and exported names")]

mod session;
mod text;

use session::{STEPS_MAX, Session};
use teeter_web::CURVE_POINTS;

/// Nothing here panics; the linker still wants to know where a panic would go.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The session at an address that JavaScript has from `teeter_session_open`.
///
/// # Safety
/// - `session` was opened, and nothing else borrows it: a module has one thread, and no call calls another.
unsafe fn at<'s>(session: *mut Session) -> &'s mut Session {
    // SAFETY: as said above.
    unsafe { &mut *session }
}

/// The version of the interface.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_version() -> u32 {
    1
}

/// Points of each curve of a spectrum.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_curve_points() -> usize {
    CURVE_POINTS
}

/// Steps whose numbers a session keeps at a time.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_steps_max() -> usize {
    STEPS_MAX
}

/// Bytes of a session.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_session_bytes() -> usize {
    size_of::<Session>()
}

/// Makes a session; 1 for memory that is no place for one.
///
/// # Safety
/// - `teeter_session_bytes` bytes at `memory` belong to the session from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_open(memory: *mut Session) -> i32 {
    if memory.is_null() || !memory.is_aligned() {
        return 1;
    }
    // SAFETY: aligned, as just checked; large enough, as the caller vouches.
    unsafe { memory.write(Session::new()) };
    0
}

/// Bytes of work memory for the configuration in the session; 0, and a text, if it is refused.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_needs(session: *mut Session) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.needs()
}

/// Begins training. The work memory begins with the rows' bytes: pixels row after row, then the labels.
///
/// # Safety
/// - The session was opened. `bytes` bytes at `memory` belong to it until it is started anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_start(
    session: *mut Session,
    memory: *mut u8,
    bytes: usize,
) -> i32 {
    // SAFETY: the caller vouches for both.
    unsafe { at(session).start(memory, bytes) }
}

/// Takes up to `count` steps; how many, or −1 and a text where there is none, −2 and a text where training has diverged.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_step(session: *mut Session, count: usize) -> i32 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.step(count)
}

/// Another η from the next step on.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_set_learning_rate(session: *mut Session, eta: f64) -> i32 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.set_learning_rate(eta)
}

/// Begins a survey at the point where the next step begins; one that was under way is dropped.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_survey(session: *mut Session) -> i32 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.survey()
}

/// Takes up to `products` products of the survey; how many are left, 0 when its numbers and curves are there, −1 and a text
/// where there is no survey.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_survey_advance(
    session: *mut Session,
    products: usize,
) -> i32 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.advance(products)
}

/// 64 bits for the parameters; 0 before the start.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_hash(session: *mut Session) -> u64 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.trainer().map_or(0, |trainer| trainer.hash())
}

/// Where the parameters are; null before the start.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_params(session: *mut Session) -> *const f64 {
    // SAFETY: the caller vouches for it.
    let trainer = unsafe { at(session) }.trainer();
    trainer.map_or(core::ptr::null(), |trainer| trainer.params().as_ptr())
}

/// How many parameters; 0 before the start.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_param_count(session: *mut Session) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.trainer().map_or(0, |trainer| trainer.params().len())
}

/// Where the numbers of the configuration are.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_config(session: *mut Session) -> *mut f64 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.config.as_mut_ptr()
}

/// Where the numbers of the last steps are, one step after the other.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_steps(session: *mut Session) -> *const f64 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.steps.as_ptr().cast()
}

/// Where the numbers of the last survey are.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_report(session: *mut Session) -> *const f64 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.report.as_ptr()
}

/// Where grid, density and cumulative spectrum of the last survey are, one after the other.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_curves(session: *mut Session) -> *const f64 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.curves.as_ptr().cast()
}

/// Where the text of the last refusal is, UTF-8.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_text(session: *mut Session) -> *const u8 {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.text.as_bytes().as_ptr()
}

/// How many bytes that text has.
///
/// # Safety
/// - The session was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_session_text_len(session: *mut Session) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe { at(session) }.text.as_bytes().len()
}
