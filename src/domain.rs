//! What is known: orders, events, profiles. Pure, and used by every other room.
