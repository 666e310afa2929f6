//! Eigenvalues from products.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::krylov::{
    Eigenpair, EigenpairsOptions, Floor, Lanczos, LargestBoundOptions, LobpcgOptions,
    LowMemoryOptions, PowerOptions, SharpnessTracker, SharpnessTrackerOptions, SpectrumEnd,
    ThickRestartOptions, Which, eigenpairs_beyond, extremal_eigenpairs,
    extremal_eigenpairs_scratch_len, gap_enclosure, krylov_dim_for, lanczos_reach,
    lanczos_scratch_len, lanczos_steps_for, largest_eigenvalue_bound,
    largest_eigenvalue_bound_scratch_len, likely_cosine, lobpcg, lobpcg_scratch_len,
    low_memory_eigenpair, low_memory_scratch_len, power_iteration, power_iteration_scratch_len,
    power_reach, ritz_scratch_len, ritz_values, ritz_vector, sharpness_tracker_scratch_len,
    track_sharpness,
};
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, Identity, LinearOperator};
use teeter::{Error, Machine};
use teeter_benches::case::{Case, LARGEST_EIGENVALUE, Layout, Operation, Shape};
use teeter_benches::group::{alone, close, settings, with_peers};
use teeter_benches::peer::Number;

const SIZE: usize = 256;

/// Steps of a process: the usual basis.
const STEPS: usize = 20;

fn beside_peers<T: Number>(criterion: &mut Criterion) {
    let lanczos = (Operation::Lanczos, &[Layout::Col][..]);
    with_peers::<T>(criterion, "extremal_eigenpair", lanczos, &[SIZE]);
}

/// Largest eigenvalue 2, the others in (0, 1).
fn matrix() -> Case<f64> {
    Case::new(Shape { operation: Operation::Lanczos, layout: Layout::Col, n: SIZE })
}

fn power(criterion: &mut Criterion) {
    let m = Machine::detect();
    let options = PowerOptions { product_max: 200, tolerance: f64::EPSILON.sqrt() };
    let scratch = vec![0.0; power_iteration_scratch_len(SIZE)];
    alone(
        criterion,
        ("power_iteration", SIZE),
        (matrix(), scratch),
        |(s, scratch)| {
            s.y.copy_from_slice(&s.x);
            let pair = MatRef::col_major(&s.a, SIZE, SIZE)
                .and_then(|a| Dense::new(m, a))
                .and_then(|mut a| power_iteration(m, &mut a, &options, &mut s.y, scratch));
            s.value = pair.map_or(f64::NAN, |pair| pair.value);
        },
        // The residual bounds the error of the value.
        |(s, _)| close(s.value, LARGEST_EIGENVALUE, options.tolerance * LARGEST_EIGENVALUE),
    );
}

/// `STEPS` steps on a diagonal operator, whose product costs next to nothing: what is left
/// is the process.
fn process<'a>(m: Machine, s: &Inputs, scratch: &'a mut [f64]) -> Result<Lanczos<'a, f64>, Error> {
    let mut operator = Diagonal::new(&s.spectrum);
    let mut lanczos = Lanczos::new(m, &s.start, STEPS, scratch)?;
    let mut product = vec![0.0; SIZE];
    while let Some(q) = lanczos.wants() {
        operator.apply(q, &mut product)?;
        lanczos.push(&product)?;
    }
    Ok(lanczos)
}

struct Inputs {
    spectrum: Vec<f64>,
    start: Vec<f64>,
}

impl Inputs {
    fn new() -> Self {
        let spectrum = (0..SIZE).map(|i| (i + 1) as f64 / SIZE as f64).collect();
        Self { spectrum, start: vec![1.0; SIZE] }
    }
}

fn lanczos(criterion: &mut Criterion) {
    let m = Machine::detect();
    let memory = || vec![0.0; lanczos_scratch_len(SIZE, STEPS)];
    alone(
        criterion,
        ("Lanczos", SIZE),
        (Inputs::new(), memory(), f64::NAN),
        |(s, scratch, first)| {
            let steps = process(m, s, scratch);
            *first = steps.map_or(f64::NAN, |l| l.diagonal().first().copied().unwrap_or(f64::NAN));
        },
        // α₁ = qᵀAq, the mean of the spectrum, within n + 2 roundings of products and sums.
        |(s, _, first)| {
            let mean = s.spectrum.iter().sum::<f64>() / SIZE as f64;
            close(*first, mean, 2.0 * (SIZE + 2) as f64 * f64::EPSILON * mean)
        },
    );
}

fn ritz(criterion: &mut Criterion) {
    let m = Machine::detect();
    let inputs = Inputs::new();
    let mut scratch = vec![0.0; lanczos_scratch_len(SIZE, STEPS)];
    let Ok(steps) = process(m, &inputs, &mut scratch) else {
        panic!("a diagonal operator is finite");
    };
    let state = || [vec![0.0; STEPS], vec![0.0; STEPS], vec![0.0; STEPS]];
    let small = || vec![0.0; ritz_scratch_len(STEPS).max(STEPS * (STEPS + 2))];
    alone(
        criterion,
        ("ritz_values", STEPS),
        (state(), small()),
        |([values, weights, residuals], small)| {
            let done = ritz_values(&steps, values, weights, residuals, small);
            assert_eq!(done, Ok(()), "lengths fit");
        },
        // Weights of a quadrature sum to 1; each is within 20ku.
        |([_, weights, _], _)| {
            let allowed = 20.0 * (STEPS * STEPS) as f64 * f64::EPSILON;
            close(weights.iter().sum(), 1.0, allowed)
        },
    );
    alone(
        criterion,
        ("ritz_vector", STEPS),
        (vec![0.0; SIZE], small()),
        |(vector, small)| {
            let value = ritz_vector(m, &steps, STEPS - 1, vector, small);
            assert!(value.is_ok(), "the last of {STEPS} values: {value:?}");
        },
        |(vector, _)| {
            let square: f64 = vector.iter().map(|x| x * x).sum();
            close(square, 1.0, 4.0 * (10 * STEPS + SIZE) as f64 * f64::EPSILON)
        },
    );
}

/// The five largest of a spectrum without gaps, diagonal: restarts, and little beside the process.
fn several(criterion: &mut Criterion) {
    const PAIRS: usize = 5;
    let m = Machine::detect();
    let tolerance = f64::EPSILON.sqrt();
    let search = ThickRestartOptions {
        count: PAIRS,
        limit: None,
        which: Which::LargestAlgebraic,
        krylov_dim: krylov_dim_for(SIZE, PAIRS),
        block: 1,
        tolerance,
        checked: PAIRS,
        product_max: 2000,
        seed: 1,
    };
    let options = EigenpairsOptions { search, starts: 0 };
    let scratch = vec![0.0; extremal_eigenpairs_scratch_len(SIZE, search.krylov_dim)];
    alone(
        criterion,
        ("extremal_eigenpairs", SIZE),
        (Inputs::new(), scratch, vec![0.0; SIZE * PAIRS], [Eigenpair::unknown(); PAIRS]),
        |(s, scratch, vectors, pairs)| {
            let mut operator = Diagonal::new(&s.spectrum);
            let found = extremal_eigenpairs(m, &mut operator, &options, pairs, vectors, scratch);
            assert_eq!(found, Ok(PAIRS), "all of them are found");
        },
        // The residual bounds the error of the value, and the largest is 1.
        |(_, _, _, pairs)| close(pairs[0].value, 1.0, 2.0 * tolerance),
    );
    let search = ThickRestartOptions { limit: Some(0.5), ..search };
    let options = EigenpairsOptions { search, starts: 0 };
    let scratch = vec![0.0; extremal_eigenpairs_scratch_len(SIZE, search.krylov_dim)];
    alone(
        criterion,
        ("eigenpairs_beyond", SIZE),
        (Inputs::new(), scratch, vec![0.0; SIZE * PAIRS], [Eigenpair::unknown(); PAIRS]),
        |(s, scratch, vectors, pairs)| {
            let mut operator = Diagonal::new(&s.spectrum);
            let found = eigenpairs_beyond(m, &mut operator, &options, pairs, vectors, scratch);
            assert!(found.is_ok(), "they are found");
        },
        |(_, _, _, pairs)| close(pairs[0].value, 1.0, 2.0 * tolerance),
    );
    let pair =
        Eigenpair { value: 1.0, residual: 0.5, lower: 0.5, upper: 1.5, ..Eigenpair::unknown() };
    alone(
        criterion,
        ("gap_enclosure", 1),
        (pair, (0.0, 0.0)),
        |(pair, bounds)| *bounds = gap_enclosure(pair, 0.0, f64::INFINITY),
        |(_, bounds)| close(bounds.1, 1.25, f64::EPSILON),
    );
}

/// The bound from a random start, diagonal; and its arithmetic alone.
fn bounded(criterion: &mut Criterion) {
    let m = Machine::detect();
    let options =
        LargestBoundOptions { steps: 20, floor: Floor::AtLeast(0.0), failure: 1e-3, seed: 1 };
    let scratch = vec![0.0; largest_eigenvalue_bound_scratch_len(SIZE, options.steps)];
    alone(
        criterion,
        ("largest_eigenvalue_bound", SIZE),
        (Inputs::new(), scratch, f64::NAN),
        |(s, scratch, upper)| {
            let mut operator = Diagonal::new(&s.spectrum);
            let bound = largest_eigenvalue_bound(m, &mut operator, &options, scratch);
            *upper = bound.map_or(f64::NAN, |bound| bound.upper);
        },
        // The largest is 1; the Ritz value is no larger, and the reach the same for each start.
        |(_, _, upper)| {
            let reach = likely_cosine(SIZE, 1e-3).map_or(f64::NAN, |c| lanczos_reach(20, c));
            close(*upper, 0.5 * (reach + 1.0), 0.5 * (reach - 1.0) + f64::EPSILON)
        },
    );
    alone(
        criterion,
        ("likely_cosine, lanczos_steps_for, power_reach", SIZE),
        (0, 0.0),
        |(steps, reach)| {
            let cosine = likely_cosine(SIZE, 1e-3).unwrap_or(f64::NAN);
            *steps = lanczos_steps_for(1.1, cosine).unwrap_or(0);
            *reach = power_reach(*steps, cosine);
        },
        // Power iteration reaches less far in as many steps.
        |(steps, reach)| {
            let good = *steps > 1 && *reach > 1.1;
            if good { Ok(()) } else { Err(format!("{steps} steps, {reach}")) }
        },
    );
}

/// A step of two products, diagonal: what it costs beside them.
fn tracked(criterion: &mut Criterion) {
    let mut inputs = Inputs::new();
    inputs.spectrum.push(2.0);
    inputs.spectrum.swap_remove(0);
    let options =
        SharpnessTrackerOptions { dim_max: 6, products_per_step: 2, limit: None, seed: 1 };
    let mut memory = vec![0.0; sharpness_tracker_scratch_len(SIZE, options.dim_max)];
    let tracker = SharpnessTracker::new(Machine::detect(), SIZE, &options, &[], &mut memory);
    let Ok(mut tracker) = tracker else {
        panic!("six vectors fit");
    };
    let mut product = vec![0.0; SIZE];
    let mut step = |out: &mut Option<[f64; 2]>| {
        let mut operator = Diagonal::new(&inputs.spectrum);
        let tracked = track_sharpness(&mut tracker, &mut operator, &mut product);
        *out = tracked.map(|t| [t.value, t.residual]).ok();
    };
    for _ in 0..40 {
        step(&mut None);
    }
    // The residual bounds the error of the value, up to the rounding of a product.
    alone(criterion, ("track_sharpness", SIZE), None, step, |out| {
        let [value, residual] = out.unwrap_or([f64::NAN; 2]);
        close(value, 2.0, residual + 2.0 * SIZE as f64 * f64::EPSILON)
    });
}

fn orthogonality(criterion: &mut Criterion) {
    let m = Machine::detect();
    let inputs = Inputs::new();
    let mut scratch = vec![0.0; lanczos_scratch_len(SIZE, STEPS)];
    let Ok(mut steps) = process(m, &inputs, &mut scratch) else {
        panic!("a diagonal operator is finite");
    };
    let step = |out: &mut f64| *out = steps.orthogonality_defect().unwrap_or(f64::NAN);
    // A small multiple of √k·n·u, says the document: four.
    let allowed = 4.0 * (STEPS as f64).sqrt() * SIZE as f64 * f64::EPSILON / 2.0;
    alone(criterion, ("orthogonality_defect", SIZE), f64::NAN, step, |out| {
        close(*out, 0.0, allowed)
    });
}

/// Pairs at the upper end from random starts, without a preconditioner: what is beside the products.
fn with_preconditioner(criterion: &mut Criterion) {
    const PAIRS: usize = 2;
    let (m, inputs) = (Machine::detect(), Inputs::new());
    let tolerance = f64::EPSILON.sqrt();
    let options = LobpcgOptions {
        end: SpectrumEnd::Largest,
        count: PAIRS,
        starts: 0,
        tolerance,
        product_max: 4000,
        seed: 1,
    };
    let scratch = vec![0.0; lobpcg_scratch_len(SIZE, PAIRS)];
    alone(
        criterion,
        ("lobpcg", SIZE),
        (scratch, vec![0.0; SIZE * PAIRS], [Eigenpair::unknown(); PAIRS]),
        |(scratch, vectors, pairs)| {
            let operators = (&mut Diagonal::new(&inputs.spectrum), &mut Identity::new(SIZE));
            let found = lobpcg(m, operators, &options, pairs, vectors, scratch);
            assert_eq!(found, Ok(PAIRS), "all of them are found");
        },
        |(_, _, pairs)| close(pairs[0].value, 1.0, 2.0 * tolerance),
    );
}

fn low_memory(criterion: &mut Criterion) {
    let (m, inputs) = (Machine::detect(), Inputs::new());
    let options =
        LowMemoryOptions { which: Which::LargestAlgebraic, steps_max: STEPS, tolerance: 1.0 };
    let scratch = vec![0.0; low_memory_scratch_len(SIZE, STEPS)];
    let step = |(scratch, vector, pair): &mut (Vec<f64>, Vec<f64>, [f64; 2])| {
        let mut operator = Diagonal::new(&inputs.spectrum);
        let start = [1.0; SIZE];
        let found = low_memory_eigenpair(m, &mut operator, &options, &start, vector, scratch);
        *pair = found.map_or([f64::NAN; 2], |found| [found.value, found.residual]);
    };
    // Some eigenvalue lies within the residual, and none beyond 1.
    let check = |state: &(Vec<f64>, Vec<f64>, [f64; 2])| {
        let [value, residual] = state.2;
        close(value, 1.0, residual + 1.0 / SIZE as f64)
    };
    let state = (scratch, vec![0.0; SIZE], [f64::NAN; 2]);
    alone(criterion, ("low_memory_eigenpair", SIZE), state, step, check);
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, power, lanczos, ritz, orthogonality, several, with_preconditioner, bounded, tracked, low_memory
}
criterion_main!(layer);
