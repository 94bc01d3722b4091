//! UIDs that derive from what they name.

use contract::Digest;

/// Gives the UID that belongs to `parts`, the same however often it is asked for (clinical decision 11): `2.25.`
/// and the first 128 bits of the SHA-256 of the parts, one a line (PS3.5 B.2).
pub fn derived_uid(parts: &[&str]) -> String {
    format!("2.25.{}", Digest::of(parts.join("\n").as_bytes()).leading_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_depends_on_every_part_and_fits_64_characters() {
        let uid = derived_uid(&["run_a", "image", "0"]);
        assert_eq!(uid, derived_uid(&["run_a", "image", "0"]));
        assert_ne!(uid, derived_uid(&["run_a", "image", "1"]));
        assert_ne!(derived_uid(&["a", "bc"]), derived_uid(&["ab", "c"]));
        assert!(uid.len() <= 64);
    }
}
