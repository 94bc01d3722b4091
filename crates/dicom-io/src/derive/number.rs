//! Numbers in text as the standard wants them, whatever the source wrote.

use crate::write::decimal_string;
use dicom_core::VR;

/// PS3.5 table 6.2-1.
const DECIMAL_CHARACTERS_MAX: usize = 16;
const INTEGER_CHARACTERS_MAX: usize = 12;

/// Gives the value of a decimal or integer string as a derived object may repeat it: the same bytes where they are
/// right, rounded where a number is too long, and `None` where something is no number at all (`nan`, a comma).
pub(super) fn repeatable(vr: VR, bytes: Vec<u8>) -> Option<Vec<u8>> {
    let rewrite = match vr {
        VR::DS => decimal,
        VR::IS => integer,
        _ => return Some(bytes),
    };
    let Ok(text) = std::str::from_utf8(&bytes) else { return None };
    let numbers = text.split('\\').map(rewrite).collect::<Option<Vec<String>>>()?;
    let rewritten = numbers.join("\\").into_bytes();
    Some(if rewritten == bytes { bytes } else { rewritten })
}

fn decimal(text: &str) -> Option<String> {
    let number = text.trim();
    if number.is_empty() {
        return Some(text.to_owned());
    }
    let value: f64 = number.parse().ok().filter(|value: &f64| value.is_finite())?;
    if text.len() <= DECIMAL_CHARACTERS_MAX { Some(text.to_owned()) } else { decimal_string(value).ok() }
}

fn integer(text: &str) -> Option<String> {
    let number = text.trim();
    if number.is_empty() {
        return Some(text.to_owned());
    }
    if number.parse::<i32>().is_ok() && text.len() <= INTEGER_CHARACTERS_MAX {
        return Some(text.to_owned());
    }
    // Some writers give whole numbers as decimals.
    let whole = number.parse::<f64>().ok().filter(|value| value.fract() == 0.0)?;
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&whole);
    fits.then(|| (whole as i32).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(vr: VR, text: &str) -> Option<String> {
        repeatable(vr, text.as_bytes().to_vec()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn what_is_right_stays_to_the_byte_and_what_is_too_long_is_rounded() {
        for right in ["-123.45\\ +1.0E2 \\-0.0", "", "1e-20", "0.1208\\0.99267700"] {
            assert_eq!(repeated(VR::DS, right).as_deref(), Some(right));
        }
        assert_eq!(repeated(VR::DS, "-123.456789012345678\\2").unwrap(), "-123.45678901235\\2");
        assert_eq!(repeated(VR::IS, "0000000000007").unwrap(), "7");
        assert_eq!(repeated(VR::IS, "12.0").unwrap(), "12");
        assert_eq!(repeated(VR::LO, "nan").unwrap(), "nan");
    }

    #[test]
    fn what_is_no_number_is_not_repeated() {
        for wrong in ["nan", "inf", "-Infinity", "1,5", "1e999", "40\\nan"] {
            assert_eq!(repeated(VR::DS, wrong), None, "{wrong}");
        }
        for wrong in ["1.5", "99999999999", "x"] {
            assert_eq!(repeated(VR::IS, wrong), None, "{wrong}");
        }
    }
}
