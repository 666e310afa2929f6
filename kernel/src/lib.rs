//! teeter
