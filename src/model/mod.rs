//! All shared facts and how commands change them. No IO, no clock, no async.
