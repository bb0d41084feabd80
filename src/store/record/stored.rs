//! The stored messages, generated from `proto/doorstep/record/v1`. No line of ours lives here.

include!(concat!(env!("OUT_DIR"), "/doorstep.record.v1.rs"));
