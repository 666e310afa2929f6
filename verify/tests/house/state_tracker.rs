//! A sharpness tracker as bytes.

use teeter::Machine;
use teeter::krylov::{SharpnessTracker, SharpnessTrackerOptions, sharpness_tracker_scratch_len};
use teeter::state::Saved;

const N: usize = 12;
const DIM: usize = 3;
const LEN: usize = sharpness_tracker_scratch_len(N, DIM);

fn tracker(memory: &mut [f64]) -> SharpnessTracker<'_, f64> {
    let options =
        SharpnessTrackerOptions { dim_max: DIM, products_per_step: 2, limit: Some(6.0), seed: 3 };
    SharpnessTracker::new(Machine::detect(), N, &options, &[], memory).expect("sound options")
}

/// Gives the product that is wanted, with a diagonal matrix that moves.
fn give(tracker: &mut SharpnessTracker<'_, f64>, step: usize) {
    let Some(v) = tracker.wants() else { return };
    let product: Vec<f64> =
        v.iter().enumerate().map(|(i, v)| v * (i as f64 + 0.05 * (step * i % 7) as f64)).collect();
    tracker.push(&product).expect("finite");
}

fn bits(tracker: &SharpnessTracker<'_, f64>) -> Vec<u64> {
    let seen = tracker.estimate();
    let numbers = [seen.value, seen.residual, seen.lag, seen.drift, seen.measured];
    let counts = [seen.steps, seen.products, seen.measured_age, seen.beyond_limit as u64];
    // The rest of the memory is scratch.
    let vectors = (0..DIM).filter_map(|i| tracker.vector(i)).flatten();
    let pairs = (0..DIM).filter_map(|i| tracker.pair(i));
    let pairs: Vec<f64> = pairs.flat_map(|pair| [pair.value, pair.residual, pair.lag]).collect();
    let all = numbers.iter().chain(vectors).chain(&pairs).map(|x| x.to_bits());
    all.chain(counts).collect()
}

/// Moved in the middle of a step and between two, with a limit that was set on the way.
#[test]
fn a_moved_tracker_goes_on_as_if_never_stopped() {
    for products in 0..=2 {
        let (mut memory, mut elsewhere) = ([0.0; LEN], [7.0; LEN]);
        let mut whole = tracker(&mut memory);
        for step in 0..5 {
            whole.advance().expect("sound");
            give(&mut whole, step);
            give(&mut whole, step);
        }
        whole.set_limit(Some(4.5)).expect("finite");
        whole.advance().expect("sound");
        (0..products).for_each(|_| give(&mut whole, 5));

        let mut bytes = vec![0; whole.saved_len()];
        whole.save(&mut bytes).expect("enough room");
        let mut moved = tracker(&mut elsewhere);
        moved.restore(&bytes).expect("whole");
        assert_eq!(moved.wants(), whole.wants(), "{products} products: the same is wanted");
        for step in 5..12 {
            for tracker in [&mut whole, &mut moved] {
                give(tracker, step);
                give(tracker, step);
                tracker.advance().expect("sound");
            }
            assert_eq!(bits(&moved), bits(&whole), "{products} products, step {step}");
        }
    }
}

/// CRC-32, so that a changed state passes for a whole one.
fn seal(bytes: &mut [u8]) {
    let body = bytes.len() - 4;
    let sum = bytes[..body].iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    });
    bytes[body..].copy_from_slice(&(!sum).to_le_bytes());
}

/// Counts that no tracker wrote: it stays within its memory, and every call ends.
#[test]
fn a_state_that_no_tracker_wrote_does_no_harm() {
    let mut memory = [0.0; LEN];
    let mut whole = tracker(&mut memory);
    whole.advance().expect("sound");
    give(&mut whole, 0);
    let mut bytes = vec![0; whole.saved_len()];
    whole.save(&mut bytes).expect("enough room");
    // Sizes, options, kind of turn, its index, vectors, products of the step, …: what stands behind 16 bytes.
    for field in 0..20 {
        for value in [0, 1, 2, 3, 99, u64::MAX] {
            let mut changed = bytes.clone();
            changed[16 + 8 * field..24 + 8 * field].copy_from_slice(&value.to_le_bytes());
            seal(&mut changed);
            let mut elsewhere = [0.0; LEN];
            let mut other = tracker(&mut elsewhere);
            // Another size, or a choice that is none, is refused.
            if other.restore(&changed).is_err() {
                continue;
            }
            assert!(other.estimate().pairs <= DIM, "field {field} = {value}");
            for step in 0..3 {
                give(&mut other, step);
                // A refusal is an answer too.
                let _ = other.advance();
            }
        }
    }
}
