//! What a device's log rests on: its digits, its hashes.

use teeter_device::log::checksum;
use teeter_device::{digits, hash};

#[test]
fn the_digits_of_the_device_are_those_of_the_laboratory() {
    let csv = include_bytes!("../data/digits.csv.gz");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&csv[..]), &mut text)
        .expect("a sound file");
    assert_eq!(digits::COUNT, 200, "as the README beside them says");
    for (index, line) in text.lines().take(digits::COUNT).enumerate() {
        let row: Vec<f64> = line.split(',').map(|x| x.parse().expect("a number")).collect();
        let (pixels, label) = digits::digit(index).expect("as many as counted");
        let device = pixels.iter().map(|&x| f64::from(x.cast_signed()) + 8.0);
        assert!(device.chain([f64::from(label)]).eq(row), "row {index}");
    }
    assert!(digits::digit(digits::COUNT).is_none(), "and no more");
}

#[test]
fn hashes_and_checksums_give_their_known_answers() {
    for (text, answer) in [
        ("", 0xCBF2_9CE4_8422_2325_u64),
        ("a", 0xAF63_DC4C_8601_EC8C),
        ("foobar", 0x8594_4171_F739_67E8),
    ] {
        assert_eq!(hash::of_bytes(text.as_bytes()), answer, "{text}");
    }
    assert_eq!(checksum(0, b"123456789"), 0xCBF4_3926, "CRC-32/ISO-HDLC");
    assert_eq!(checksum(checksum(0, b"1234"), b"56789"), 0xCBF4_3926, "in two parts");
    assert_eq!(hash::of_numbers(&[f32::NAN]), hash::of_numbers(&[-f32::NAN]), "NaN is NaN");
    assert_ne!(hash::of_numbers(&[0.0]), hash::of_numbers(&[-0.0]), "a sign is a bit");
}
