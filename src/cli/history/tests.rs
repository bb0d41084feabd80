//! Histories good and bad, by what is said of them.
