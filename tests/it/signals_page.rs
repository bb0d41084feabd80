//! `docs/signals.md` says what the code says. With `DOORSTEP_BLESS` set, it is written anew.

use std::fs;
use std::path::Path;

use doorstep::decision::model::{Model, PRIOR};
use doorstep::decision::signals::listing;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test may ask the environment whether to write its file anew"
)]
fn the_signals_page_is_what_the_code_says() {
    let prior = Model::load(PRIOR).unwrap();
    let expected = listing(|signal| !prior.steps(signal).is_empty());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/signals.md");
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/signals.md is out of date: DOORSTEP_BLESS=1 cargo test signals_page"
    );
}
