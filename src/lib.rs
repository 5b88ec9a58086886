//! SPA.
