//! The golden suite on the machines of this processor; `teeter-verify -- hashes` runs it elsewhere.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter_cases::Hash;
use teeter_verify::table::hashes::{differences, golden, native};

#[test]
fn every_machine_present_gives_the_golden_hashes() {
    let golden = golden().unwrap();
    for (machine, suite) in native() {
        let wrong = differences(&golden, &machine, &suite);
        assert!(wrong.is_empty(), "{machine}: {wrong:?}; if meant, `hashes --write`");
    }
}

/// The known answers of FNV-1a in 64 bits (RFC 9923, appendix C).
#[test]
fn the_hash_gives_its_known_answers() {
    for (text, answer) in [
        ("", 0xCBF2_9CE4_8422_2325_u64),
        ("a", 0xAF63_DC4C_8601_EC8C),
        ("foobar", 0x8594_4171_F739_67E8),
    ] {
        let mut hash = Hash::new();
        text.bytes().for_each(|byte| hash.byte(byte));
        assert_eq!(hash.value(), answer, "{text}");
    }
}

/// One bit, one missing case, one case too many: each is told.
#[test]
fn a_difference_is_named() {
    let golden = golden().unwrap();
    let (_, mut suite) = native().remove(0);
    let name = suite.keys().next().unwrap().clone();
    *suite.get_mut(&name).unwrap() ^= 1;
    assert_eq!(differences(&golden, "portable", &suite), std::slice::from_ref(&name));
    suite.remove(&name);
    assert_eq!(differences(&golden, "portable", &suite), std::slice::from_ref(&name));
    suite.insert("nothing::known f32".into(), 0);
    assert_eq!(differences(&golden, "portable", &suite).len(), 2);
}
