//! Messages to domain and back. No rule of the business lives here, only bounds and names.

pub mod pb;
