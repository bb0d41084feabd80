//! Faces for programs: messages to domain and back, gRPC, and JSON over HTTP on the same port.
//!
//! A connection comes in at [`server`], a request at its face, which sorts gRPC from JSON from
//! neither; both go the same way through the call's deadline, place and panic guard to the service,
//! and every refusal is made in [`status`].

pub mod auth;
mod call;
mod ending;
mod face;
pub mod grpc;
pub mod health;
mod json;
pub mod limits;
mod methods;
pub mod metrics;
pub mod outcomes;
mod page;
pub mod server;
pub mod status;
pub mod wire;
