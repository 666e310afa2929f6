//! Reading tables: what is accepted, and what each fault says.

use std::fs;
use std::path::PathBuf;

use npyz::WriterBuilder;
use teeter_host::data::{LabelColumn, digits, read, shuffled, split};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("a writable temporary directory");
        path
    }
}

/// Reads text as a table, and gives the message of the fault.
fn fault(text: &str, label: LabelColumn) -> String {
    let path = Files::new();
    let path = (path.with("t.csv", text), path);
    read(&path.0, &label).expect_err("a faulty table").to_string()
}

fn array<N: npyz::AutoSerialize + Copy>(
    values: &[N],
    shape: &[u64],
    order: npyz::Order,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().order(order).shape(shape);
    let mut writer = options.writer(&mut bytes).begin_nd().expect("a valid shape");
    writer.extend(values.iter().copied()).expect("memory takes everything");
    writer.finish().expect("as many values as the shape holds");
    bytes
}

#[test]
fn the_digits_are_inside_the_program() {
    let digits = digits().expect("the embedded file is sound");
    assert_eq!((digits.rows(), digits.columns, digits.classes.len()), (1797, 64, 10));
    assert_eq!(digits.features[..6], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0]);
    assert_eq!(digits.labels[..4], [0, 1, 2, 3]);
    // From the source: pixels are 0 to 16, and their sum is that of scikit-learn's copy.
    assert_eq!(digits.features.iter().sum::<f64>(), 561_718.0);
}

#[test]
fn a_header_names_the_label_column() {
    let files = Files::new();
    let path = files.with("t.csv", "kind,size\n7,1.5\n-2,2.5\n");
    for label in [LabelColumn::Name("kind".to_owned()), LabelColumn::Number(1)] {
        let data = read(&path, &label).expect("a sound table");
        assert_eq!(data.classes, [-2, 7]);
        assert_eq!(data.labels, [1, 0]);
        assert_eq!(data.features, [1.5, 2.5]);
    }
}

#[test]
fn a_byte_order_mark_quotes_and_spaces_do_no_harm() {
    let files = Files::new();
    let path = files.with("t.csv", "\u{feff}1.5,\"0\"\r\n\r\n 2.5 ,1\r\n");
    let data = read(&path, &LabelColumn::Last).expect("a sound table");
    assert_eq!((data.features, data.labels), (vec![1.5, 2.5], vec![0, 1]));
}

#[test]
fn every_fault_of_a_text_names_its_place() {
    let last = || LabelColumn::Last;
    for (text, label, message) in [
        (
            "1,2,0\n1,x,1\n",
            last(),
            "t.csv, line 2, column 2: found \"x\" where a number was expected",
        ),
        ("1,2,0\n\n1,,1\n", last(), "t.csv, line 3, column 2: found \"\""),
        (
            "a,2,b\n1,2,0\n",
            last(),
            "t.csv, line 1, column 1: found \"a\" where a number was expected. The first line",
        ),
        ("1,2,0\n1,2\n", last(), "t.csv, line 2: 2 columns where the lines before have 3"),
        ("1,2,0\n1,NaN,1\n", last(), "t.csv, line 2, column 2: found NaN; only finite"),
        ("1,-inf,0\n1,2,1\n", last(), "t.csv, line 1, column 2: found -inf"),
        ("1,1e999,0\n1,2,1\n", last(), "t.csv, line 1, column 2: found inf"),
        ("1,2,0\n1,2,0.5\n", last(), "t.csv, line 2, column 3: the label is 0.5, not an integer"),
        ("1,2,4\n1,2,4\n", last(), "t.csv: every label is 4. At least two classes are needed"),
        ("", last(), "t.csv holds no rows"),
        ("a,b,c\n", last(), "t.csv holds no rows"),
        ("1\n2\n", last(), "t.csv has 1 column(s)"),
        (
            "1;2\n2;3\n",
            last(),
            "t.csv, line 2, column 1: found \"2;3\" where a number was expected. Fields are sep",
        ),
        (
            "1,0\n2,1\n",
            LabelColumn::Number(3),
            "t.csv has no column 3. Available: numbers 1 to 2; there is no header",
        ),
        ("1,0\n2,1\n", LabelColumn::Number(0), "t.csv has no column 0"),
        (
            "a,b\n2,1\n",
            LabelColumn::Name("c".to_owned()),
            "has no column \"c\". Available: numbers 1 to 2, or a, b",
        ),
    ] {
        let found = fault(text, label);
        assert!(found.contains(message), "{text:?} says: {found}");
    }
    let dos = fault("1,0\r\n\r\n\r\nx,1", last());
    assert!(dos.contains("line 4, column 1: found \"x\""), "{dos}");
    let regression: String = (0..1200).map(|row| format!("1,{row}\n")).collect();
    assert!(
        fault(&regression, last()).contains("1200 different values, more than 1000"),
        "a regression target"
    );
}

#[test]
fn a_file_that_is_not_there_or_of_unknown_kind_says_so() {
    let files = Files::new();
    let missing =
        read(&files.0.path().join("no.csv"), &LabelColumn::Last).expect_err("no file").to_string();
    assert!(
        missing.contains("cannot read") && missing.contains("no.csv: No such file"),
        "{missing}"
    );
    let directory = files.0.path().join("d.csv");
    fs::create_dir(&directory).expect("a writable temporary directory");
    let directory = read(&directory, &LabelColumn::Last).expect_err("a directory").to_string();
    assert!(directory.contains("d.csv: Is a directory"), "{directory}");
    let unknown =
        read(&files.with("t.txt", "1,0"), &LabelColumn::Last).expect_err("no format").to_string();
    assert!(unknown.contains("t.txt: only files ending in .csv or .npy"), "{unknown}");
}

#[test]
fn arrays_of_any_number_type_and_order_are_read() {
    let files = Files::new();
    let rows = [1.5, 2.5, 0.0, 3.5, 4.5, 1.0];
    let columns = [1.5, 3.5, 2.5, 4.5, 0.0, 1.0];
    let read = |bytes: Vec<u8>| {
        read(&files.with("a.npy", bytes), &LabelColumn::Last).expect("a sound array")
    };
    let expected = read(array(&rows, &[2, 3], npyz::Order::C));
    assert_eq!(
        (&expected.features[..], &expected.labels[..]),
        (&[1.5, 2.5, 3.5, 4.5][..], &[0, 1][..])
    );
    assert_eq!(read(array(&columns, &[2, 3], npyz::Order::Fortran)), expected);
    assert_eq!(read(array(&rows.map(|value| value as f32), &[2, 3], npyz::Order::C)), expected);
    let bytes = read(array(&[3_u8, 0, 200, 1], &[2, 2], npyz::Order::C));
    assert_eq!(bytes.features, [3.0, 200.0]);
    assert_eq!(read(array(&[3_i64, 0, 200, 1], &[2, 2], npyz::Order::C)), bytes);
}

#[test]
fn every_fault_of_an_array_says_what_is_wrong() {
    let files = Files::new();
    let sound = array(&[1.0, 0.0, 2.0, 1.0], &[2, 2], npyz::Order::C);
    let cut = sound[..sound.len() - 8].to_vec();
    let shape = sound.windows(2).position(|text| text == b"(2").expect("the shape is text");
    let mut huge = sound.clone();
    huge[shape + 1] = b'9';
    for (bytes, message) in [
        (
            array(&[1.0, 2.0], &[2], npyz::Order::C),
            "a.npy: the array has 1 dimension(s). A two-dimensional",
        ),
        (
            array(&[1.0, f64::NAN, 2.0, 1.0], &[2, 2], npyz::Order::C),
            "a.npy, row 1, column 2: found NaN",
        ),
        (
            array(&[1.0, 0.5, 2.0, 1.0], &[2, 2], npyz::Order::C),
            "a.npy, row 1, column 2: the label is 0.5",
        ),
        (array::<f64>(&[], &[0, 2], npyz::Order::C), "a.npy holds no rows"),
        (cut, "a.npy: failed to fill whole buffer"),
        (huge, "a.npy: failed to fill whole buffer"),
        (b"not an array".to_vec(), "a.npy: "),
        (
            array(&[true, false], &[1, 2], npyz::Order::C),
            "a.npy: elements of type '|b1' are not numbers",
        ),
    ] {
        let found =
            read(&files.with("a.npy", bytes), &LabelColumn::Last).expect_err("a fault").to_string();
        assert!(found.contains(message), "{message} is not in: {found}");
    }
}

#[test]
fn standardization_uses_the_training_part_alone() {
    let files = Files::new();
    let path = files.with("t.csv", "1,5,0\n5,5,1\n9,6,0\n");
    let data = read(&path, &LabelColumn::Last).expect("a sound table");
    let both = split(&data, 2).expect("two of three rows");
    // Mean 3, deviation 2; the second feature is constant: shifted, not divided by zero.
    assert_eq!(both.train.features, [-1.0, 0.0, 1.0, 0.0]);
    assert_eq!(both.test.features, [3.0, 1.0]);
    assert_eq!((both.train.labels, both.test.labels), (vec![0, 1], vec![0]));
}

#[test]
fn a_split_that_cannot_be_says_why() {
    let files = Files::new();
    let data =
        |text: &str| read(&files.with("t.csv", text), &LabelColumn::Last).expect("a sound table");
    let sorted = data("1,5,3\n3,5,3\n9,6,4\n");
    let message = |rows| split(&sorted, rows).expect_err("no split").to_string();
    assert!(message(3).contains(
        "t.csv has 3 rows; 3 to train on leave none to test. Lower --train to at most 2"
    ));
    assert!(message(4).contains("t.csv has 3 rows; 4 to train on"), "{}", message(4));
    assert!(message(2).contains("class 4 occurs only after the first 2 rows"), "{}", message(2));
    for size in ["1e300", "1e-300"] {
        let extreme = data(&format!("{size},0\n-{size},1\n0,0\n"));
        let found = split(&extreme, 2).expect_err("no scale").to_string();
        assert!(found.contains("the standard deviation of feature 1 comes out as"), "{found}");
    }
}

#[test]
fn shuffling_moves_whole_rows() {
    let files = Files::new();
    let data = read(&files.with("t.csv", "1,10,0\n2,20,1\n3,30,0\n"), &LabelColumn::Last)
        .expect("a sound table");
    let moved = shuffled(&data, |_| 0);
    assert_eq!(moved.features, [2.0, 20.0, 3.0, 30.0, 1.0, 10.0]);
    assert_eq!(moved.labels, [1, 0, 0]);
}
