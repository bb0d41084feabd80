//! What follows from what is known: signals, model, policy, draw, reasons. Pure: no waiting, no
//! clock, no chance, no I/O, no failure; those come in as values.
