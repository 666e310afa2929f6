//! Interleaved samples: the only way to compare on a machine that others use too.
//!
//! Each round samples every implementation once, A B C and then C B A, so that a slow moment
//! falls on neighbors alike. A ratio is taken within a round and the median over rounds is
//! what counts; its quartiles tell how much to believe.

use std::time::{Duration, Instant};

use teeter::Machine;

use crate::case::{Case, Shape};
use crate::peak::Peak;
use crate::peer::{Number, Peer, Task, Teeter, TeeterFixed};
use crate::reference::Reference;

/// A sample lasts at least this long, a thousand times what the clock can tell.
const SAMPLE: Duration = Duration::from_micros(50);

/// Rounds below which a quartile means nothing.
const ROUNDS_MIN: usize = 9;

/// Rounds beyond which nothing is gained.
const ROUNDS_MAX: usize = 201;

/// The best peer's time over ours: more than 1 means that teeter is faster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Median over the rounds.
    pub median: f64,
    /// Lower quartile.
    pub low: f64,
    /// Upper quartile.
    pub high: f64,
}

impl Ratio {
    /// Median and quartiles of the ratios of two series of samples, round by round.
    fn of(peer: &[f64], ours: &[f64]) -> Self {
        let mut ratios: Vec<f64> = peer.iter().zip(ours).map(|(peer, ours)| peer / ours).collect();
        ratios.sort_by(f64::total_cmp);
        Self { median: quantile(&ratios, 2), low: quantile(&ratios, 1), high: quantile(&ratios, 3) }
    }

    /// The same in another unit.
    fn times(self, factor: f64) -> Self {
        let Self { median, low, high } = self;
        Self { median: factor * median, low: factor * low, high: factor * high }
    }
}

/// The quartile number `quarter` of sorted values, 0 < quarter < 4; NaN if there are none.
fn quantile(sorted: &[f64], quarter: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * quarter / 4).copied().unwrap_or(f64::NAN)
}

/// When the sizes are known, which decides who may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// When the program runs: slices and views.
    AtRunTime,
    /// When it is compiled: arrays and static types too, on both sides.
    WhenCompiled,
}

impl Known {
    /// The word in tables and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AtRunTime => "dynamic",
            Self::WhenCompiled => "static",
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Operation, layout, size.
    pub shape: Shape,
    /// When the size is known: against static types only where the caller may use ours.
    pub known: Known,
    /// "f32" or "f64".
    pub number: &'static str,
    /// The peer with the least median time.
    pub best: &'static str,
    /// Its median time for one operation, in nanoseconds.
    pub best_ns: f64,
    /// Which of ours counts: fused where that is another computation; static if that is faster and
    /// may be called.
    pub ours: &'static str,
    /// Its median time.
    pub ours_ns: f64,
    /// Its time over ours in strict arithmetic.
    pub strict: Ratio,
    /// Its time over ours in fused arithmetic, where that may be another computation.
    pub fused: Option<Ratio>,
    /// Our strict time over our fused time.
    pub strict_over_fused: Option<Ratio>,
    /// Our flops over those of multiply-adds in registers, where there is a count of flops.
    pub of_peak: Option<Ratio>,
    /// Rounds measured.
    pub rounds: usize,
}

impl Row {
    /// The ratio that counts: fused where it may differ, as the peers fuse too.
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        self.fused.unwrap_or(self.strict)
    }
}

/// What came of a shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Measured: a row for sizes known at run time, one more where someone offers static types.
    Rows(Vec<Row>),
    /// Nobody to compare with.
    NoPeer,
    /// The peers' answers were right; teeter gives none yet.
    NotOurs,
}

/// An implementation in the race.
struct Entrant {
    name: &'static str,
    is_static: bool,
    task: Box<dyn Task>,
    repetitions: usize,
    seconds: Vec<f64>,
}

impl Entrant {
    /// Checks the first answer, then gets ready.
    fn new(
        name: &'static str,
        mut task: Box<dyn Task>,
        reference: &Reference,
    ) -> Result<Self, String> {
        task.run(1);
        reference.check(&task.answer()).map_err(|fault| format!("{name}: {fault}"))?;
        Ok(Self::unchecked(name, task))
    }

    /// Warms up and finds how many repetitions make a sample.
    fn unchecked(name: &'static str, mut task: Box<dyn Task>) -> Self {
        let mut repetitions = 1;
        loop {
            let elapsed = time(&mut *task, repetitions);
            if elapsed >= SAMPLE {
                break;
            }
            // Aim a little high; at most tenfold at once, since the first times are cold.
            let factor = 1.3 * SAMPLE.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
            repetitions = (repetitions as f64 * factor.clamp(1.5, 10.0)).ceil() as usize;
        }
        Self { name, is_static: false, task, repetitions, seconds: Vec::new() }
    }

    fn sample(&mut self) {
        let elapsed = time(&mut *self.task, self.repetitions);
        self.seconds.push(elapsed.as_secs_f64() / self.repetitions as f64);
    }

    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, 2)
    }
}

fn time(task: &mut dyn Task, repetitions: usize) -> Duration {
    let start = Instant::now();
    task.run(repetitions);
    start.elapsed()
}

/// Measures one shape against every peer that offers it.
///
/// # Errors
/// A message if an answer is wrong, with the name of who gave it and the bound it missed.
pub fn measure<T: Number>(shape: Shape, budget: Duration) -> Result<Outcome, String> {
    let case = Case::<T>::new(shape);
    let reference = Reference::new(&case);
    let enter = |peer: &dyn Peer<T>| -> Result<Option<Entrant>, String> {
        let Some(task) = peer.task(&case) else { return Ok(None) };
        let named = |fault| format!("{shape} {}: wrong answer from {fault}", T::NAME);
        let entrant = Entrant::new(peer.name(), task, &reference).map_err(named)?;
        Ok(Some(Entrant { is_static: peer.is_static(), ..entrant }))
    };
    let mut entrants = Vec::new();
    for peer in T::peers() {
        entrants.extend(enter(&*peer)?);
    }
    let peers = entrants.len();
    if peers == 0 {
        return Ok(Outcome::NoPeer);
    }
    let machine = Machine::detect();
    let Some(strict) = enter(&Teeter(machine))? else { return Ok(Outcome::NotOurs) };
    entrants.push(strict);
    let fused = if shape.operation.fuses() { enter(&Teeter(machine.fused()))? } else { None };
    let fuses = usize::from(fused.is_some());
    entrants.extend(fused);
    let fixed = enter(&TeeterFixed)?;
    let ours = 1 + fuses + usize::from(fixed.is_some());
    entrants.extend(fixed);
    let peak = Peak::<T>::new(machine);
    let flops = shape.operation.flops(shape.n).map(|flops| flops / peak.flops());
    if flops.is_some() {
        entrants.push(Entrant::unchecked("peak", Box::new(peak)));
    }
    let rounds = race(&mut entrants, budget);
    let (peers, rest) = entrants.split_at(peers);
    let (ours, peak) = rest.split_at(ours);
    let race =
        Race { shape, number: T::NAME, peers, ours, fuses, flops, peak: peak.first(), rounds };
    let dynamic = race.row_of_run_time();
    Ok(match dynamic {
        Some(row) => Outcome::Rows(std::iter::once(row).chain(race.row_when_compiled()).collect()),
        None => Outcome::NoPeer,
    })
}

/// What a race left, to be read in two ways.
struct Race<'a> {
    shape: Shape,
    number: &'static str,
    peers: &'a [Entrant],
    /// Strict, fused if `fuses` is 1, the layer `fixed` if it is offered.
    ours: &'a [Entrant],
    fuses: usize,
    /// Runs of the peak that have as many flops as one operation.
    flops: Option<f64>,
    peak: Option<&'a Entrant>,
    rounds: usize,
}

fn fastest<'a>(entrants: impl Iterator<Item = &'a Entrant>) -> Option<&'a Entrant> {
    entrants.min_by(|a, b| a.median().total_cmp(&b.median()))
}

impl Race<'_> {
    /// Among those that take sizes at run time.
    fn row_of_run_time(&self) -> Option<Row> {
        let best = fastest(self.peers.iter().filter(|peer| !peer.is_static))?;
        let (strict, rest) = self.ours.split_first()?;
        let fused = rest.first().filter(|_| self.fuses > 0);
        let ratio = |above: &Entrant, below: &Entrant| Ratio::of(&above.seconds, &below.seconds);
        Some(Row {
            strict: ratio(best, strict),
            fused: fused.map(|fused| ratio(best, fused)),
            strict_over_fused: fused.map(|fused| ratio(strict, fused)),
            ..self.row(Known::AtRunTime, best, fused.unwrap_or(strict))
        })
    }

    /// Among all: who knows the size when compiling may call any. `None` if none is static.
    fn row_when_compiled(&self) -> Option<Row> {
        if !self.peers.iter().any(|peer| peer.is_static) {
            return None;
        }
        let (best, ours) = (fastest(self.peers.iter())?, fastest(self.ours.iter())?);
        Some(self.row(Known::WhenCompiled, best, ours))
    }

    fn row(&self, known: Known, best: &Entrant, ours: &Entrant) -> Row {
        let ratio = |above: &Entrant| Ratio::of(&above.seconds, &ours.seconds);
        let of_peak = self.peak.zip(self.flops);
        Row {
            shape: self.shape,
            known,
            number: self.number,
            best: best.name,
            best_ns: 1e9 * best.median(),
            ours: ours.name,
            ours_ns: 1e9 * ours.median(),
            strict: ratio(best),
            fused: None,
            strict_over_fused: None,
            of_peak: of_peak.map(|(peak, runs)| ratio(peak).times(runs)),
            rounds: self.rounds,
        }
    }
}

/// Rounds of one sample each, there and back, until the budget is spent.
fn race(entrants: &mut [Entrant], budget: Duration) -> usize {
    let start = Instant::now();
    for round in 0..ROUNDS_MAX {
        if round % 2 == 0 {
            entrants.iter_mut().for_each(Entrant::sample);
        } else {
            entrants.iter_mut().rev().for_each(Entrant::sample);
        }
        if round + 1 >= ROUNDS_MIN && start.elapsed() > budget {
            return round + 1;
        }
    }
    ROUNDS_MAX
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn a_ratio_above_one_means_that_we_are_faster() {
        let ratio = Ratio::of(&[2.0, 6.0, 4.0], &[1.0, 1.0, 1.0]);
        assert_eq!(ratio, Ratio { median: 4.0, low: 2.0, high: 4.0 }, "twice to six times");
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The second round was slow for both: that must not show.
        let ratio = Ratio::of(&[3.0, 3000.0, 3.0], &[2.0, 2000.0, 2.0]);
        assert_eq!([ratio.low, ratio.median, ratio.high], [1.5; 3], "the same in every round");
    }
}
