//! The terminal engine as a library: layers 0 and 1 of the product (`base`, `term`), which know nothing of the rest. A package
//! of its own, so that it can be compiled for speed and everything else for size: what is resident of a server with 50
//! sessions is mostly its own code.

#[path = "../base/mod.rs"]
pub mod base;
#[path = "mod.rs"]
pub mod term;
