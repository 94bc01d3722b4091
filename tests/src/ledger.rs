//! The ledger as somebody outside checks it.

use crate::program::Call;

/// Runs `countersign ledger verify`; gives its exit code and its words.
pub fn verify(arguments: &[String]) -> (i32, String) {
    let mut call = Call::new("ledger", &["ledger", "verify"]);
    call.arguments.extend_from_slice(arguments);
    let (code, words) = call.finishes();
    (code.expect("it ends by itself"), words)
}
