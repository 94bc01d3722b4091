//! An axis with round figures.

/// An axis that begins and ends at round figures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    first: f64,
    last: f64,
    step: f64,
}

impl Axis {
    /// An axis over all from `least` to `most` in at most `parts` parts and two more, each 1, 2 or 5 times a power of
    /// ten.
    pub(super) fn of(least: f64, most: f64, parts: u32) -> Self {
        let range = if most > least { most - least } else { 1.0 };
        let raw = range / f64::from(parts);
        let power = 10_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
        let step = step.into_iter().find(|step| *step >= raw * (1.0 - 1e-9)).unwrap_or(10.0 * power);
        let (first, last) = ((least / step).floor() * step, (most / step).ceil() * step);
        // Where all is one figure, the axis still has a length.
        Self { first, last: if last > first { last } else { first + step * f64::from(parts) }, step }
    }

    /// The round figures, from the least.
    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        let count = ((self.last - self.first) / self.step).round() as u32;
        (0..=count).map(move |index| self.first + f64::from(index) * self.step)
    }

    /// Where a figure lies, 0 at the axis' begin and 1 at its end.
    pub(super) fn part(self, value: f64) -> f32 {
        ((value - self.first) / (self.last - self.first)).clamp(0.0, 1.0) as f32
    }

    /// A round figure in as many digits as the step has, thousands apart.
    pub(super) fn written(self, tick: f64) -> String {
        let digits = (-self.step.log10().floor()).clamp(0.0, 9.0) as usize;
        let plain = format!("{:.digits$}", tick.abs());
        let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
        let mut apart = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                apart.push(',');
            }
            apart.push(digit);
        }
        let is_zero = plain.chars().all(|char| matches!(char, '0' | '.'));
        let sign = if tick < 0.0 && !is_zero { "\u{2212}" } else { "" };
        format!("{sign}{apart}{rest}")
    }
}
