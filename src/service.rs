//! One file a use: fetch, decide, record. Clock, chance and metrics come in as values; no message
//! and no status code is named here.
