//! The bytes we keep: domain to stored messages and back. Nothing here is ever sent.

pub mod stored;
