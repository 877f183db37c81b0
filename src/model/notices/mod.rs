//! Notifications: what is worth one (`news`), in which words (`text`), and when it is told (`policy`). Pure: time and facts
//! come as arguments. Must not know channels, programs or sockets.

mod news;
mod policy;
#[cfg(test)]
mod policy_tests;
pub mod text;
#[cfg(test)]
mod text_tests;

pub use news::Watch;
pub use policy::{Act, Policy, Viewer, teller};
pub use text::{Figures, News};
