//! AICON in a box: as much of the marketplace as the contract (`aicon.md`) describes, for development, tests and
//! certification. Two servers on two origins, as in life: AICON itself and the hosting of the uploaded bundle.
//!
//! | room | holds |
//! | --- | --- |
//! | [`cli`] | flags and their environment variables |
//! | [`server`] | binds, announces, serves, stops |
//! | [`state`] | what both servers share: the registered model, users, grants, uses, faults, counters |
//! | `login`, `token`, `userinfo` | AICON's endpoints, one file each |
//! | `usage` | record usage: shape (pure), the book of uses by GUID, faults by percentage and seed (pure) |
//! | `cut` | connections that a fault can close or reset |
//! | `grants`, `jwt` | authorization codes and refresh tokens; signing and checking of JWTs (pure) |
//! | `provider` | AICON's calls to the provider: check alive, get usage for settlement |
//! | `settle` | pages through a settlement and reconciles it with the book by GUID (pure) |
//! | `faults`, `control`, `buttons` | faults and how they are set; `/sandbox/*` for tests |
//! | `console`, `page`, `text` | the page for people, live by server-sent events, in Korean and English |
//! | [`microsite`] | AICON's own chat and form for models of type 2: registration, the user's side, the request to the provider |
//! | `outlink`, `run_page` | the way to a model of type 4; a model's page with "Run model" |
//! | [`site`] | hosting as IIS does it: files, MIME types, `web.config` |
//!
//! # For tests: `/sandbox/*`
//!
//! | path | answers |
//! | --- | --- |
//! | `GET`, `POST /sandbox/faults` | all faults; `POST` changes what is named, or nothing (400) |
//! | `GET /sandbox/summary` | recorded uses and won, in all and per client; GUIDs, tries, repeats, conflicts |
//! | `GET /sandbox/usages` | recorded uses; `limit`, `after`, `before` (ordinals), `order=newest` |
//! | `GET /sandbox/usages/{guid}` | one use, recorded or only tried: `tries` on the wire, `recorded`, `repeats`, `conflicts` |
//! | `GET /sandbox/conflicts` | bodies that differ under one GUID |
//! | `GET /sandbox/counters` | calls per endpoint; `record_usage_faults` by fault |
//! | `GET`, `POST /sandbox/provider` | where the provider is: `{"url": "http://…", "settlement_key": "…"}` (`--provider`, `--settlement-key`) |
//! | `POST /sandbox/run-model` | `alive`, `status`, `reason`, `took_ms` |
//! | `POST /sandbox/settle` | `{"month": "2025-10"}` or `{"from": "2025-10-01", "to": "2025-10-02"}`, `page_size`, `utc_offset_hours`: counts and sums `here` and `there`, `differences`, `balanced`; 502 when the provider refuses |
//! | `GET`, `POST`, `DELETE /sandbox/microsite` | the registration of type 2, in the words of `configs.json` and with `modelRunUrl` (`--microsite FILE`) |
//! | `POST /sandbox/microsite/import` | registers what the provider tells: `{}` for its `/ui`, or `{"url": "http://…"}`; 502 when that is nothing |
//! | `GET /sandbox/live` | what the console shows, as server-sent events |
//!
//! A use belongs to the day of its end. One that ended in the span's last two minutes and is not stated is `at_edge`, no
//! difference: the provider may have booked it after midnight.
//!
//! Faults of record usage are set at the start (`--fault error=30 --fault seed=7`) or at any time:
//!
//! ```json
//! { "record_usage": { "seed": 7, "percent": { "error": 30, "lost_answer": 10 }, "retry_after_s": 1,
//!   "delay_percent": 100, "delay_ms": 20, "refuse_users": ["a"], "refuse_status": 422, "outage_s": 5 } }
//! ```
//!
//! | `percent` of | on the wire | recorded |
//! | --- | --- | --- |
//! | `error` | 500 | no |
//! | `too_many_requests` | 429 with `Retry-After` | no |
//! | `timeout` | no answer | no |
//! | `commit_timeout` | no answer | yes |
//! | `lost_answer` | closed without a byte | yes |
//! | `reset` | reset | no |
//! | `garbage` | 200, no JSON | yes |
//! | `garbage_uncommitted` | 200, a proxy's HTML page | no |
//!
//! One call meets one of them at most; their percentages add up to 100 at most. An outage resets every connection, a
//! refused user gets `refuse_status`, a delay comes on top. `"clear": true` ends everything that is not named with it.
//! The n-th call meets the n-th draw of the seed, so that a run repeats whatever GUIDs it brings.
//!
//! Absent on purpose: a database (a sandbox forgets), passwords and sessions (anyone may be any user), and whatever
//! the contract does not know of AICON.

pub mod cli;
pub mod microsite;
pub mod server;
pub mod site;
pub mod state;

mod buttons;
mod console;
mod control;
mod cut;
mod faults;
mod grants;
mod jwt;
mod login;
mod outlink;
mod page;
mod provider;
mod run_page;
mod settle;
mod text;
mod token;
mod usage;
mod userinfo;
