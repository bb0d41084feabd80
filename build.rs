//! Compiles `proto/` to Rust, without a `protoc` to install, and keeps the descriptor set of the
//! public contract for reflection and for JSON. It writes nothing outside `OUT_DIR`.

use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

/// The public contract: sent and received, never stored.
const CONTRACT: &[&str] = &[
    "proto/doorstep/v1/decision.proto",
    "proto/doorstep/v1/history.proto",
    "proto/doorstep/v1/policy.proto",
];

/// The bytes we keep: stored, never sent.
const RECORD: &[&str] = &["proto/doorstep/record/v1/record.proto"];

/// Messages that can name or place a person. They derive no `Debug`, so that no log line and no
/// panic message prints one by accident; `api::wire::pb` writes short ones by hand.
const PERSONAL: &[&str] = &[
    ".doorstep.v1.Order",
    ".doorstep.v1.Delivery",
    ".doorstep.v1.Contact",
    ".doorstep.v1.Preferences",
    ".doorstep.v1.Session",
    ".doorstep.v1.Position",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its directory so"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);

    let contract = protox::compile(CONTRACT, ["proto"])?;
    std::fs::write(out.join("doorstep.v1.binpb"), contract.encode_to_vec())?;
    tonic_prost_build::configure()
        .btree_map(".")
        .skip_debug(PERSONAL)
        .boxed(".doorstep.v1.DecideResult.result.decision")
        .compile_fds(contract)?;

    let record = protox::compile(RECORD, ["proto"])?;
    tonic_prost_build::configure()
        .btree_map(".")
        .bytes("names")
        .build_client(false)
        .build_server(false)
        .compile_fds(record)?;
    Ok(())
}
