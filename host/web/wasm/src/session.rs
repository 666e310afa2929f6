//! What lives in the memory that JavaScript lends.

use core::slice;

use teeter::{Error, Machine};
use teeter_web::numbers::{self, CONFIG_LEN, STEP_LEN, SURVEY_LEN};
use teeter_web::{CURVE_POINTS, Config, Data, Survey, Trainer, data_len, survey_len, trainer_len};

use crate::text::Text;

/// Steps whose numbers are kept at a time.
pub(crate) const STEPS_MAX: usize = 64;

/// What the parts of the work memory begin at.
const ALIGNMENT: usize = 16;

/// A training, and the numbers JavaScript reads. Public as far as its addresses are, no farther.
pub struct Session {
    pub(crate) config: [f64; CONFIG_LEN],
    pub(crate) steps: [[f64; STEP_LEN]; STEPS_MAX],
    pub(crate) report: [f64; SURVEY_LEN],
    pub(crate) curves: [[f64; CURVE_POINTS]; 3],
    pub(crate) text: Text,
    running: Option<Running>,
    survey: Option<Survey<'static>>,
}

/// 'static: the memory is JavaScript's, and stays while the module does.
struct Running {
    config: &'static Config,
    data: Data<'static>,
    trainer: Trainer<'static>,
    /// What surveys are lent, one after the other.
    survey: *mut f64,
}

/// Bytes of the parts of the work memory: rows, configuration, data, trainer, survey.
fn parts(config: &Config) -> [usize; 5] {
    let rows = (config.train + config.test) * (config.columns() + 1);
    let numbers = [data_len(config), trainer_len(config), survey_len(config)];
    let [data, trainer, survey] = numbers.map(|len| len * size_of::<f64>());
    [rows, size_of::<Config>(), data, trainer, survey]
        .map(|bytes| bytes.next_multiple_of(ALIGNMENT))
}

impl Session {
    pub(crate) const fn new() -> Self {
        Self {
            config: [0.0; CONFIG_LEN],
            steps: [[0.0; STEP_LEN]; STEPS_MAX],
            report: [0.0; SURVEY_LEN],
            curves: [[0.0; CURVE_POINTS]; 3],
            text: Text::new(),
            running: None,
            survey: None,
        }
    }

    pub(crate) fn trainer(&self) -> Option<&Trainer<'static>> {
        self.running.as_ref().map(|running| &running.trainer)
    }

    pub(crate) fn needs(&mut self) -> usize {
        match numbers::config(&self.config) {
            Ok(config) => parts(&config).iter().sum::<usize>() + ALIGNMENT,
            Err(error) => {
                self.text.set(error);
                0
            }
        }
    }

    /// # Safety
    /// - `bytes` bytes at `memory` belong to the session until it is started anew.
    pub(crate) unsafe fn start(&mut self, memory: *mut u8, bytes: usize) -> i32 {
        // Whatever was lent these bytes before is gone before they are lent again.
        (self.survey, self.running) = (None, None);
        let needed = self.needs();
        if needed == 0 {
            return 1;
        }
        if memory.is_null() || memory.addr() % ALIGNMENT != 0 || bytes < needed {
            self.text.set(Error::Short { argument: "memory", needed, found: bytes });
            return 1;
        }
        // SAFETY: `bytes` are as many as the parts need, as just checked.
        let begun = unsafe { Running::new(&self.config, memory) };
        self.keep(begun.map(Some), |session, running| session.running = running)
    }

    /// 0 after keeping what there is, 1 after explaining why there is nothing.
    fn keep<X>(&mut self, found: Result<X, Error>, keep: impl FnOnce(&mut Self, X)) -> i32 {
        match found {
            Ok(found) => {
                keep(self, found);
                0
            }
            Err(error) => {
                self.text.set(error);
                1
            }
        }
    }

    pub(crate) fn step(&mut self, count: usize) -> i32 {
        let Some(running) = &mut self.running else { return self.not_started() };
        let mut taken = 0;
        for row in self.steps.iter_mut().take(count) {
            match running.trainer.step() {
                Ok(report) => *row = numbers::step(&report),
                Err(error) => {
                    let why = if Trainer::is_divergence(&error) { -2 } else { -1 };
                    self.text.set(error);
                    // Those before it count; the next call says why there is no more.
                    return if taken > 0 { taken } else { why };
                }
            }
            taken += 1;
        }
        taken
    }

    pub(crate) fn set_learning_rate(&mut self, eta: f64) -> i32 {
        let Some(running) = &mut self.running else { return self.not_started() };
        let outcome = running.trainer.set_learning_rate(eta);
        self.keep(outcome, |_, ()| ())
    }

    pub(crate) fn survey(&mut self) -> i32 {
        // The last survey gives back its memory here.
        self.survey = None;
        let Some(running) = &mut self.running else { return self.not_started() };
        // SAFETY: `Running::new` set these numbers apart for surveys; the one before is gone.
        let memory =
            unsafe { slice::from_raw_parts_mut(running.survey, survey_len(running.config)) };
        let snapshot = running.trainer.snapshot();
        let begun = Survey::new(Machine::detect(), running.config, running.data, snapshot, memory);
        self.keep(begun.map(Some), |session, survey| session.survey = survey)
    }

    pub(crate) fn advance(&mut self, products: usize) -> i32 {
        match self.advanced(products) {
            Ok(left) => i32::try_from(left).unwrap_or(i32::MAX),
            Err(error) => {
                self.survey = None;
                self.text.set(error);
                -1
            }
        }
    }

    fn advanced(&mut self, products: usize) -> Result<usize, Error> {
        let survey = self.survey.as_mut().ok_or(Error::State { expected: "survey" })?;
        let left = survey.advance(products)?.left;
        if left == 0 {
            self.report = numbers::survey(&survey.report()?);
            survey.spectrum_into(self.curves.each_mut().map(|curve| &mut curve[..]))?;
        }
        Ok(left)
    }

    fn not_started(&mut self) -> i32 {
        self.text.set(Error::State { expected: "start" });
        -1
    }
}

impl Running {
    /// # Safety
    /// - As many bytes as `parts` says are at `memory`, aligned, and lent to nobody else.
    unsafe fn new(config: &[f64; CONFIG_LEN], memory: *mut u8) -> Result<Self, Error> {
        let config = numbers::config(config)?;
        let [rows, own, data, trainer, _] = parts(&config);
        let (pixels, labels) = {
            let (rows, columns) = (config.train + config.test, config.columns());
            // SAFETY: the first part holds the rows, which JavaScript wrote.
            let bytes = unsafe { slice::from_raw_parts(memory, rows * (columns + 1)) };
            bytes.split_at(rows * columns)
        };
        // SAFETY: the second part, aligned and as large as one configuration.
        let config: &'static Config = unsafe {
            let place = memory.add(rows).cast::<Config>();
            place.write(config);
            &*place
        };
        // SAFETY: the third, fourth and fifth part: apart, aligned, and of these lengths.
        let (data, trainer, survey) = unsafe {
            let first = memory.add(rows + own);
            let second = first.add(data);
            (
                slice::from_raw_parts_mut(first.cast::<f64>(), data_len(config)),
                slice::from_raw_parts_mut(second.cast::<f64>(), trainer_len(config)),
                second.add(trainer).cast::<f64>(),
            )
        };
        let data = Data::new(config, pixels, labels, data)?;
        let trainer = Trainer::new(Machine::detect(), config, data, trainer)?;
        Ok(Self { config, data, trainer, survey })
    }
}
