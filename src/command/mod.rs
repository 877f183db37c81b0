//! THE command table: name, arguments, doc, where it applies.
