//! Signals in, one state with source and age out. Pure.
