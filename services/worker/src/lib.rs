//! Runs models on volumes; sees no patient and no database.
