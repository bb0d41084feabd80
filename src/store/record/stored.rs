//! The stored messages, generated from `proto/doorstep/record/v1`. No line of ours lives here.

#![expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::doc_markdown,
    reason = "generated code"
)]

include!(concat!(env!("OUT_DIR"), "/doorstep.record.v1.rs"));
