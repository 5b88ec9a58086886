//! Requests a minute of a user and of an address, streams of a user at the same time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use aicon_protocol::id::UserId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::LimitSettings;
use crate::service::ServiceError;

/// Keys after which those that are idle are forgotten.
const MANY_KEYS: usize = 10_000;

/// Requests a minute; a whole minute's worth may come at once.
#[derive(Debug)]
pub struct Rates {
    users: Option<DefaultKeyedRateLimiter<String>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Rates {
    /// By the configuration; 0 is no limit.
    pub fn new(settings: &LimitSettings) -> Self {
        let quota = |per_minute| NonZeroU32::new(per_minute).map(Quota::per_minute);
        Self {
            users: quota(settings.requests_per_minute_user).map(RateLimiter::keyed),
            addresses: quota(settings.requests_per_minute_address).map(RateLimiter::keyed),
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] with the seconds to wait.
    pub fn count_address(&self, address: IpAddr) -> Result<(), ServiceError> {
        count(self.addresses.as_ref(), &address)
    }

    /// Counts a request of a user.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] with the seconds to wait.
    pub fn count_user(&self, user: &UserId) -> Result<(), ServiceError> {
        count(self.users.as_ref(), &user.as_str().to_owned())
    }
}

fn count<K: std::hash::Hash + Eq + Clone>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: &K,
) -> Result<(), ServiceError> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    if limiter.len() > MANY_KEYS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        ServiceError::RateLimited {
            retry_after: wait.as_secs() + 1,
        }
    })
}

/// Streams at the same time.
#[derive(Clone, Debug)]
pub struct StreamSlots {
    most: usize,
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// One stream's place, free again when it is dropped.
#[derive(Debug)]
pub struct StreamSlot {
    user: UserId,
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl StreamSlots {
    /// `most` for each user; 0 is no limit.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// Streams under way, of all users.
    pub fn open(&self) -> usize {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.values().sum()
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`ServiceError::TooManyStreams`].
    pub fn take(&self, user: &UserId) -> Result<StreamSlot, ServiceError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = taken.entry(user.clone()).or_default();
        if self.most > 0 && *streams >= self.most {
            return Err(ServiceError::TooManyStreams);
        }
        *streams += 1;
        Ok(StreamSlot {
            user: user.clone(),
            taken: self.taken.clone(),
        })
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = taken.get_mut(&self.user) {
            *streams -= 1;
            if *streams == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_stream_makes_room() {
        let slots = StreamSlots::new(1);
        let user = UserId::new("a");
        let first = slots.take(&user).unwrap();
        assert!(slots.take(&user).is_err());
        assert!(slots.take(&UserId::new("b")).is_ok());
        drop(first);
        assert!(slots.take(&user).is_ok());
    }

    #[test]
    fn the_request_over_the_limit_is_told_when_to_come_back() {
        let settings = LimitSettings {
            requests_per_minute_user: 2,
            ..LimitSettings::default()
        };
        let rates = Rates::new(&settings);
        let user = UserId::new("a");
        rates.count_user(&user).unwrap();
        rates.count_user(&user).unwrap();
        let Err(ServiceError::RateLimited { retry_after }) = rates.count_user(&user) else {
            panic!("not limited")
        };
        assert!((1..=31).contains(&retry_after));
    }
}
