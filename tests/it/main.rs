//! The one integration-test binary: a file a topic, so that it links once.
