//! Receives studies: durable, or quarantined with a reason.
