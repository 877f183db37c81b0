//! The binary. Everything it can do is in the library.

fn main() {}
