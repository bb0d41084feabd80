//! Faces for programs: messages to domain and back, gRPC, and JSON over HTTP on the same port.

pub mod wire;
