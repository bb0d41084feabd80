//! What customers read is reviewed as they read it: `texts/*.txt`. With `DOORSTEP_BLESS` set, the pages are written anew.

use std::fs;
use std::path::Path;

use doorstep::decision::texts::Texts;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test may ask the environment whether to write its file anew"
)]
fn the_pages_of_texts_are_what_customers_read() {
    let texts = Texts::load();
    let mut late = Vec::new();
    for tag in Texts::languages() {
        let expected = texts.page(tag);
        let name = format!("texts/{tag}.txt");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        if std::env::var_os("DOORSTEP_BLESS").is_some() {
            fs::write(&path, &expected).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != expected {
            late.push(name);
        }
    }
    assert!(
        late.is_empty(),
        "{} out of date: DOORSTEP_BLESS=1 cargo test pages_of_texts, then read what changed",
        late.join(", ")
    );
}
