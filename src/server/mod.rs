//! The loop: inputs to model to effects to subscribers. Must not know drawing.
