//! The stored messages, generated from `proto/doorstep/record/v1`. No line of ours lives here.

#![expect(missing_docs, clippy::doc_markdown, reason = "generated code")]

include!(concat!(env!("OUT_DIR"), "/doorstep.record.v1.rs"));
