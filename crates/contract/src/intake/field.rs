//! What a scanner says of its magnet.

/// Above this no magnet for people stands anywhere, tesla: what is written is in gauss or millitesla, or nothing.
pub const TESLA_MAX: f64 = 25.0;

/// Magnetic Field Strength, as far as it can be read. Nothing is guessed: a number that is no field in tesla is taken as
/// absent, and whoever asks for a field strength is told why.
///
/// # Source
/// PS3.3 C.8.3.1, (0018,0087): nominal field strength of the magnet, in tesla.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldStrength {
    /// The scanner says nothing.
    Absent,
    /// So many tesla.
    Tesla(f64),
    /// A number that no magnet has in tesla.
    Implausible(f64),
    /// Not one number.
    Malformed,
}

impl FieldStrength {
    /// Reads a value as stored.
    pub fn of(stored: &str) -> Self {
        let stored = stored.trim();
        if stored.is_empty() {
            return Self::Absent;
        }
        match stored.parse::<f64>() {
            Ok(tesla) if tesla > 0.0 && tesla <= TESLA_MAX => Self::Tesla(tesla),
            Ok(number) if number.is_finite() => Self::Implausible(number),
            _ => Self::Malformed,
        }
    }

    /// The strength, where it can be read.
    pub fn tesla(self) -> Option<f64> {
        match self {
            Self::Tesla(tesla) => Some(tesla),
            Self::Absent | Self::Implausible(_) | Self::Malformed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_field_in_tesla_is_never_taken_for_one() {
        let read =
            ["1.5", " 3 ", "0.064", "1.494E0", "", "15000", "1500", "0", "-1.5", "1.5T", "1.5\\3", "nan"];
        let expected = [
            FieldStrength::Tesla(1.5),
            FieldStrength::Tesla(3.0),
            FieldStrength::Tesla(0.064),
            FieldStrength::Tesla(1.494),
            FieldStrength::Absent,
            FieldStrength::Implausible(15_000.0),
            FieldStrength::Implausible(1_500.0),
            FieldStrength::Implausible(0.0),
            FieldStrength::Implausible(-1.5),
            FieldStrength::Malformed,
            FieldStrength::Malformed,
            FieldStrength::Malformed,
        ];
        assert_eq!(read.map(FieldStrength::of), expected);
    }
}
