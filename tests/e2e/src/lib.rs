//! The harness of the end-to-end tests: a real Chromium, the real `aicon-backend` and `aicon-sandbox`, the built bundle.
//!
//! | room | holds |
//! | --- | --- |
//! | [`world`] | one test's world: sandbox, back end, browser, on ports and in folders of its own |
//! | [`setup`] | what a world is to be like |
//! | [`page`] | the app through its public handles (`data-testid`) |
//! | [`browser`] | chromedriver and Chromium |
//! | [`backend`], [`sandbox`] | the two servers as child processes |
//! | [`upstream`] | an LLM service whose answers the test writes, piece by piece |
//! | [`sample`] | a back end that behaves as AICON's official sample does |
//! | [`paths`], [`wait`], [`error`] | where things are, waiting on conditions, errors |
//! | [`picture`] | small real pictures |
//!
//! Absent on purpose: stand-ins for our own parts, fixed sleeps, knowledge of the app's insides.

pub mod backend;
pub mod browser;
pub mod error;
pub mod page;
pub mod paths;
pub mod picture;
pub mod sample;
pub mod sandbox;
pub mod setup;
pub mod upstream;
pub mod wait;
pub mod world;

pub use error::{Error, Result};
pub use page::{Message, Page};
pub use sample::Sample;
pub use setup::{Language, Setup};
pub use upstream::Upstream;
pub use world::World;
