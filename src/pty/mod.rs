//! Holders, leases, process trees. Must not know the model.
