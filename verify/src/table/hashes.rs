//! `hashes`: the golden suite on every machine that this computer has or can emulate.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use comfy_table::{Table, presets};
use teeter::Machine;
use teeter_cases::{Hash, SCRATCH_LEN, Scratch, cases};

/// What `hashes` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Write the hashes of portable and of the first fused machine as the golden ones.
    #[arg(long)]
    write: bool,
    /// Only this process: no emulator, no other target.
    #[arg(long)]
    native: bool,
    /// Fail where a tool is missing, too.
    #[arg(long)]
    all: bool,
    /// Print a line per machine and case, for another process to compare.
    #[arg(long, hide = true)]
    lines: bool,
    /// Print a line per machine.
    #[arg(long, hide = true)]
    names: bool,
}

/// Strict and fused hash of each case, "layer::name format".
type Golden = BTreeMap<String, [u64; 2]>;

/// The hashes of one machine, case by case.
type Suite = BTreeMap<String, u64>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn golden_path() -> PathBuf {
    root().join("verify/cases/golden.txt")
}

/// All cases on one machine of this process.
#[must_use]
fn suite(machine: Machine) -> Suite {
    let (mut single, mut double) = (vec![f32::NAN; SCRATCH_LEN], vec![f64::NAN; SCRATCH_LEN]);
    let mut scratch = Scratch { single: &mut single, double: &mut double };
    cases()
        .map(|case| {
            let name = format!("{}::{} {}", case.layer, case.name, case.format);
            (name, case.run(machine, &mut scratch))
        })
        .collect()
}

/// The suites of this process, by the names of their machines.
#[must_use]
pub fn native() -> Vec<(String, Suite)> {
    Machine::present().map(|machine| (machine.name().to_owned(), suite(machine))).collect()
}

/// The committed hashes.
///
/// # Errors
/// If the file cannot be read, or a line is not a case with two hashes.
pub fn golden() -> io::Result<Golden> {
    let text = fs::read_to_string(golden_path())?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.rsplitn(3, ' ');
            let mut hash = || u64::from_str_radix(words.next().unwrap_or(""), 16);
            let (Ok(fused), Ok(strict)) = (hash(), hash()) else {
                return Err(io::Error::other(format!("golden.txt: {line}")));
            };
            Ok((words.next().unwrap_or("").to_owned(), [strict, fused]))
        })
        .collect()
}

/// The cases of a machine whose hashes are not the golden ones, missing and unknown ones too.
#[must_use]
pub fn differences(golden: &Golden, machine: &str, suite: &Suite) -> Vec<String> {
    let fused = usize::from(machine.ends_with(" fused"));
    let known = golden.iter().filter(|(name, hashes)| suite.get(*name) != Some(&hashes[fused]));
    let unknown = suite.keys().filter(|name| !golden.contains_key(*name));
    known.map(|(name, _)| name).chain(unknown).cloned().collect()
}

/// One number for a suite: its hashes in the order of their names.
fn fold(hashes: impl Iterator<Item = u64>) -> u64 {
    let mut hash = Hash::new();
    hashes.for_each(|value| hash.word(value));
    hash.value()
}

/// Where suites come from beside this process: how it is called, which machines it must show.
struct Elsewhere {
    place: &'static str,
    machines: &'static [&'static str],
    /// Arguments of `verify/firmware/hashes`.
    command: &'static [&'static str],
}

const ELSEWHERE: [Elsewhere; 9] = [
    Elsewhere {
        place: "x86-64 without AVX (QEMU, Nehalem)",
        machines: &["portable", "sse2"],
        command: &["x86", "Nehalem"],
    },
    Elsewhere {
        place: "x86-64 with AVX alone (QEMU, SandyBridge)",
        machines: &["portable", "sse2"],
        command: &["x86", "SandyBridge"],
    },
    Elsewhere {
        // Found, not run: QEMU 7.2 reads the lanes that vmaskmov must leave alone, and faults.
        place: "x86-64 with AVX2 (QEMU, Haswell)",
        machines: &["portable", "sse2", "avx2", "avx2 fused"],
        command: &["x86-names", "Haswell"],
    },
    Elsewhere {
        place: "AArch64 (QEMU)",
        machines: &["portable", "neon", "neon fused"],
        command: &["aarch64"],
    },
    Elsewhere { place: "wasm32 (node)", machines: &["portable"], command: &["wasm"] },
    Elsewhere {
        place: "wasm32 with simd128 (node)",
        machines: &["portable", "simd128"],
        command: &["wasm-simd128"],
    },
    Elsewhere {
        place: "Cortex-M4F (QEMU, MPS2 AN386)",
        machines: &["portable"],
        command: &["cortex-m4f"],
    },
    Elsewhere {
        place: "Cortex-M7, double FPU (QEMU, MPS2 AN500)",
        machines: &["portable"],
        command: &["cortex-m7"],
    },
    Elsewhere {
        place: "Cortex-M0, soft float (QEMU, micro:bit)",
        machines: &["portable"],
        command: &["cortex-m0"],
    },
];

/// What the runner script says where a tool is missing.
const MISSING: i32 = 3;

/// The suites that a run elsewhere printed; `None` if the tools for it are not here.
fn elsewhere(place: &Elsewhere) -> io::Result<Option<Vec<(String, Suite)>>> {
    let output = Command::new(root().join("verify/firmware/hashes"))
        .args(place.command)
        .env("TEETER_VERIFY", std::env::current_exe()?)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if output.status.code() == Some(MISSING) {
        return Ok(None);
    }
    if !output.status.success() {
        return Err(io::Error::other(format!("{}: {}", place.place, output.status)));
    }
    let mut suites: Vec<(String, Suite)> = Vec::new();
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t');
        let (Some(machine), case, hash) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        if suites.last().is_none_or(|last| last.0 != machine) {
            suites.push((machine.to_owned(), Suite::new()));
        }
        let hash = hash.and_then(|hash| u64::from_str_radix(hash, 16).ok());
        if let (Some((_, suite)), Some(case), Some(hash)) = (suites.last_mut(), case, hash) {
            suite.insert(case.to_owned(), hash);
        }
    }
    Ok(Some(suites))
}

fn write(suites: &[(String, Suite)]) -> io::Result<()> {
    let find = |fused: bool| suites.iter().find(|suite| suite.0.ends_with(" fused") == fused);
    let (Some((_, strict)), Some((_, fused))) = (find(false), find(true)) else {
        return Err(io::Error::other("a fused machine is needed to write its hashes"));
    };
    let mut text = String::from(
        "# Strict and fused hash of every case, written by\n\
         #     cargo run --release -p teeter-verify -- hashes --write\n",
    );
    for (name, hash) in strict {
        let fused = fused.get(name).copied().unwrap_or_default();
        text += &format!("{name} {hash:016x} {fused:016x}\n");
    }
    fs::write(golden_path(), text)
}

/// One hash for each layer, strict and fused.
fn layers(golden: &Golden) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["layer", "cases", "strict", "fused"]);
    let mut layers: BTreeMap<&str, Vec<[u64; 2]>> = BTreeMap::new();
    for (name, &hashes) in golden {
        layers.entry(name.split("::").next().unwrap_or("")).or_default().push(hashes);
    }
    for (layer, hashes) in layers {
        let fold = |which: usize| format!("{:016x}", fold(hashes.iter().map(|h| h[which])));
        table.add_row([layer.to_owned(), hashes.len().to_string(), fold(0), fold(1)]);
    }
    table
}

/// The table under way.
struct Report<'a> {
    golden: &'a Golden,
    table: Table,
    failures: Vec<String>,
    missing: usize,
}

impl Report<'_> {
    fn suites(&mut self, place: &str, suites: &[(String, Suite)]) {
        for (machine, suite) in suites {
            let wrong = differences(self.golden, machine, suite);
            let equal = self.golden.len() - wrong.len().min(self.golden.len());
            let hash = format!("{:016x}", fold(suite.values().copied()));
            let verdict = format!("{equal} of {} equal", self.golden.len());
            self.table.add_row([place, machine, &hash, &verdict]);
            self.failures.extend(wrong.iter().map(|case| format!("{place}, {machine}: {case}")));
        }
    }

    fn elsewhere(&mut self, at: &Elsewhere) {
        eprintln!("{} …", at.place);
        let suites = match elsewhere(at) {
            Ok(suites) => suites,
            Err(error) => {
                self.table.add_row([at.place, &at.machines.join(", "), "", "FAILED to run"]);
                self.failures.push(error.to_string());
                return;
            }
        };
        let Some(suites) = suites else {
            self.missing += 1;
            let how = "not here: run verify/hashes-install";
            self.table.add_row([at.place, &at.machines.join(", "), "", how]);
            return;
        };
        if suites.iter().all(|(_, suite)| suite.is_empty()) {
            let machines = at.machines.join(", ");
            self.table.add_row([at.place, &machines, "", "found; this emulator cannot run them"]);
        } else {
            self.suites(at.place, &suites);
        }
        let found: Vec<&str> = suites.iter().map(|suite| suite.0.as_str()).collect();
        if found != at.machines {
            self.table.add_row([at.place, &found.join(", "), "", "other machines than expected"]);
            self.failures.push(format!("{}: {found:?}, not {:?}", at.place, at.machines));
        }
    }
}

/// Runs the suite everywhere, prints, and says whether every hash was the golden one.
///
/// # Errors
/// If the golden file cannot be read or written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    if arguments.names {
        Machine::present().for_each(|machine| println!("{}", machine.name()));
        return Ok(true);
    }
    let suites = native();
    if arguments.lines {
        for (machine, suite) in &suites {
            for (case, hash) in suite {
                println!("{machine}\t{case}\t{hash:016x}");
            }
        }
        return Ok(true);
    }
    if arguments.write {
        write(&suites)?;
    }
    let golden = golden()?;
    println!("{}\n", layers(&golden));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["where", "machine", "suite", "verdict"]);
    let mut report = Report { golden: &golden, table, failures: Vec::new(), missing: 0 };
    report.suites("this processor", &suites);
    if !arguments.native {
        for place in &ELSEWHERE {
            report.elsewhere(place);
        }
    }
    println!("{}", report.table);
    for failure in &report.failures {
        println!("FAILED {failure}");
    }
    let (failed, missing) = (report.failures.len(), report.missing);
    println!("\n{} cases; {failed} failures; {missing} places not here", golden.len());
    Ok(failed == 0 && (missing == 0 || !arguments.all))
}
