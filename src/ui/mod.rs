//! Regions and drawing; pure. No IO.
