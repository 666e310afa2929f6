//! C ABI of teeter.
