//! Round numbers along an axis.

/// How numbers are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    /// Equal ratios at equal distances; numbers that are not positive have no place.
    Log,
}

impl Scale {
    /// Where a number lies, if it has a place.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Linear => value,
            Self::Log if value > 0.0 => value.log10(),
            Self::Log => return None,
        };
        place.is_finite().then_some(place)
    }
}

/// An interval of places, and where to put numbers along it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) ticks: Vec<f64>,
}

impl Axis {
    /// Holds all the places, with a little air; about `count` ticks.
    pub(crate) fn around(scale: Scale, places: impl Iterator<Item = f64>, count: usize) -> Self {
        let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| {
            (low.min(at), high.max(at))
        });
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let smallest = match scale {
            Scale::Linear => low.abs().max(high.abs()).max(f64::MIN_POSITIVE) * 1e-3,
            Scale::Log => 0.3,
        };
        let air = ((high - low) * 0.04).max(smallest);
        Self::exactly(scale, low - air, high + air, count)
    }

    /// From `low` to `high` and no further.
    pub(crate) fn exactly(scale: Scale, low: f64, high: f64, count: usize) -> Self {
        let ticks = match scale {
            Scale::Linear => multiples(low, high, step(low, high, count)),
            Scale::Log => decades(low, high, count),
        };
        Self { scale, low, high, ticks }
    }

    /// The number at a place, written out.
    pub(crate) fn label(&self, place: f64) -> String {
        match self.scale {
            Scale::Linear => {
                let gap = match self.ticks[..] {
                    [first, second, ..] => second - first,
                    _ => place.abs(),
                };
                linear_label(place, gap)
            }
            Scale::Log => log_label(place),
        }
    }
}

/// 1, 2 or 5 times a power of ten: the smallest that gives no more than `count` intervals.
fn step(low: f64, high: f64, count: usize) -> f64 {
    let rough = (high - low) / count.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|&step| step >= rough)
        .unwrap_or(rough)
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step).ceil();
    // The cap guards against a degenerate step; no axis has that many ticks.
    let count = (high / step - first).floor().clamp(0.0, 50.0) as usize;
    (0..=count)
        .map(|index| (first + index as f64) * step)
        .filter(|&at| at >= low && at <= high)
        .collect()
}

fn decades(low: f64, high: f64, count: usize) -> Vec<f64> {
    if high - low >= 1.5 {
        let every = ((high - low) / count.max(1) as f64).ceil().max(1.0);
        return multiples(low, high, every);
    }
    let first = low.floor() as i32;
    let last = high.ceil() as i32;
    (first..=last)
        .flat_map(|power| [1.0_f64, 2.0, 5.0].map(|digit| digit.log10() + f64::from(power)))
        .filter(|&at| at >= low && at <= high)
        .collect()
}

fn linear_label(value: f64, gap: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() >= 1e5 {
        return format!("{value:.1e}");
    }
    // As many decimals as tell two ticks apart.
    let decimals = (-(gap.abs() * 1.001).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

fn log_label(place: f64) -> String {
    let value = 10_f64.powf(place);
    if (1e-3..9.999e3).contains(&value) {
        let decimals = (-(place + 1e-9).floor()).clamp(0.0, 3.0) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_labels_tell_them_apart() {
        let axis = Axis::exactly(Scale::Linear, -0.03, 1.07, 5);
        let labels: Vec<_> = axis.ticks.iter().map(|&at| axis.label(at)).collect();
        assert_eq!(labels, ["0", "0.5", "1.0"]);
        let axis = Axis::exactly(Scale::Linear, 0.0, 2000.0, 4);
        let labels: Vec<_> = axis.ticks.iter().map(|&at| axis.label(at)).collect();
        assert_eq!(labels, ["0", "500", "1000", "1500", "2000"]);
    }

    #[test]
    fn a_log_axis_has_powers_of_ten_or_halves_of_them() {
        let axis = Axis::exactly(Scale::Log, -3.2, 0.4, 5);
        let labels: Vec<_> = axis.ticks.iter().map(|&at| axis.label(at)).collect();
        assert_eq!(labels, ["0.001", "0.01", "0.1", "1"]);
        let axis = Axis::exactly(Scale::Log, 0.9, 1.8, 5);
        let labels: Vec<_> = axis.ticks.iter().map(|&at| axis.label(at)).collect();
        assert_eq!(labels, ["10", "20", "50"]);
    }

    #[test]
    fn an_empty_or_constant_axis_still_has_room() {
        assert!(Axis::around(Scale::Linear, std::iter::empty(), 4).high > 0.0, "no data");
        let constant = Axis::around(Scale::Linear, [3.0, 3.0].into_iter(), 4);
        assert!(constant.low < 3.0 && constant.high > 3.0, "{constant:?}");
    }
}
