//! Split trees to rectangles; pure geometry. Must not know sessions.
