//! The contract's messages, clients and servers, generated from `proto/doorstep/v1`. No line of
//! ours lives here but the name of the descriptor set.

#![expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::doc_markdown,
    reason = "generated code"
)]

tonic::include_proto!("doorstep.v1");

/// The encoded `FileDescriptorSet` of the contract, for reflection and for JSON.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/doorstep.v1.binpb"));
