//! What must not be lost: the `Store` trait and its engines. No rule of the business lives here.

pub mod record;
