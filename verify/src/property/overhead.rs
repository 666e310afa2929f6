//! Time that Lanczos takes beside its products.

use std::time::{Duration, Instant};

use serde::Serialize;
use teeter::krylov::{
    Lanczos, ThickRestart, ThickRestartOptions, Which, lanczos_scratch_len,
    thick_restart_scratch_len,
};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::operator::{Dense, LinearOperator};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};

use crate::bound;

/// Order of the full matrix; vectors kept.
const ORDER: usize = 10_000;
const VECTORS: usize = 30;
/// Products of the thick restart: its restarts are counted.
const PRODUCTS: usize = 90;
/// A network of 10,062 parameters on the digits.
const WIDTHS: [usize; 4] = [64, 100, 32, 10];
const SAMPLES: usize = 1500;

/// Where the time of one step went.
#[derive(Clone, Debug, Serialize)]
pub struct Share {
    /// Whose products.
    pub operator: &'static str,
    /// Its order.
    pub n: usize,
    /// The method.
    pub method: &'static str,
    /// Vectors kept.
    pub vectors: usize,
    /// Seconds of a product, and of all else for each product: of the run with the least of the latter.
    pub product: f64,
    /// See `product`.
    pub beside: f64,
}

impl Share {
    /// At most a tenth.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.beside <= bound::eigenpairs::OVERHEAD * self.product
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Each method on each operator, `repeats` times; nothing for 0.
///
/// # Errors
/// Those of the kernel and of the data.
pub fn measure(repeats: usize) -> Result<Vec<Share>, Failure> {
    if repeats == 0 {
        return Ok(Vec::new());
    }
    let machine = Machine::detect();
    let mut shares = full_matrix(machine, repeats)?;
    shares.extend(network(machine, repeats)?);
    Ok(shares)
}

fn full_matrix(machine: Machine, repeats: usize) -> Result<Vec<Share>, Failure> {
    let element = |e: usize| ((e / ORDER + e % ORDER) * 7919 % 1009) as f64 / 1009.0;
    let a: Vec<f64> = (0..ORDER * ORDER).map(element).collect();
    let mut operator = Dense::new(machine, MatRef::row_major(&a, ORDER, ORDER)?)?;
    Ok(both("full matrix", machine, &mut operator, repeats)?.to_vec())
}

fn network(machine: Machine, repeats: usize) -> Result<Vec<Share>, Failure> {
    let split = teeter_host::data::split(&teeter_host::data::digits()?, SAMPLES)?;
    let mut targets = vec![0.0; SAMPLES * 10];
    for (row, &label) in targets.chunks_mut(10).zip(&split.train.labels) {
        row[label] = 1.0;
    }
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let mut scratch = vec![0.0; mlp_scratch_len(&WIDTHS, SAMPLES)];
    let x = MatRef::row_major(&split.train.features, SAMPLES, 64)?;
    let t = MatRef::row_major(&targets, SAMPLES, 10)?;
    let mut mlp = Mlp::new(machine, shape, (x, t), &mut scratch)?;
    let mut w = vec![0.0; mlp_param_len(&WIDTHS)];
    mlp_initialize(shape, Stream::new(0, 1), &mut w)?;
    let mut at = At::new(&mut mlp, &w)?;
    Ok(both("Hessian of a network", machine, &mut at.hessian(), repeats)?.to_vec())
}

fn both(
    operator: &'static str,
    machine: Machine,
    of: &mut impl LinearOperator<f64>,
    repeats: usize,
) -> Result<[Share; 2], Error> {
    let n = of.dim();
    let share = |method| Share {
        operator,
        n,
        method,
        vectors: VECTORS,
        product: 0.0,
        beside: f64::INFINITY,
    };
    let mut shares = [share("Lanczos"), share("ThickRestart")];
    for _ in 0..repeats {
        let times = [lanczos(machine, of)?, thick_restart(machine, of)?];
        for (share, (whole, product, products)) in shares.iter_mut().zip(times) {
            let beside = (whole - product).as_secs_f64() / products as f64;
            if beside < share.beside {
                (share.beside, share.product) = (beside, product.as_secs_f64() / products as f64);
            }
        }
    }
    Ok(shares)
}

/// All, products, and how many.
type Times = (Duration, Duration, usize);

fn lanczos(machine: Machine, of: &mut impl LinearOperator<f64>) -> Result<Times, Error> {
    let n = of.dim();
    let (mut start, mut y) = (vec![0.0; n], vec![0.0; n]);
    normals_into(Stream::new(0, 2), &mut start);
    let mut scratch = vec![0.0; lanczos_scratch_len(n, VECTORS)];
    let (whole, mut product) = (Instant::now(), Duration::ZERO);
    let mut process = Lanczos::new(machine, &start, VECTORS, &mut scratch)?;
    while let Some(q) = process.wants() {
        let begin = Instant::now();
        of.apply(q, &mut y)?;
        product += begin.elapsed();
        process.push(&y)?;
    }
    Ok((whole.elapsed(), product, process.steps()))
}

fn thick_restart(machine: Machine, of: &mut impl LinearOperator<f64>) -> Result<Times, Error> {
    let n = of.dim();
    let options = ThickRestartOptions {
        count: VECTORS / 3,
        limit: None,
        which: Which::LargestAlgebraic,
        krylov_dim: VECTORS,
        block: 1,
        tolerance: 0.0,
        checked: 0,
        product_max: PRODUCTS,
        seed: 1,
    };
    let mut y = vec![0.0; n];
    let mut scratch = vec![0.0; thick_restart_scratch_len(n, VECTORS)];
    let (whole, mut product) = (Instant::now(), Duration::ZERO);
    let mut process = ThickRestart::new(machine, n, &options, &[], &mut scratch)?;
    while let Some(q) = process.wants() {
        let begin = Instant::now();
        of.apply(q, &mut y)?;
        product += begin.elapsed();
        process.push(&y)?;
    }
    Ok((whole.elapsed(), product, process.products()))
}
