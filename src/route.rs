//! The app's places. Three paths need no router crate: the enum and the History API are the whole of it.

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// What the model is.
    Home,
    /// The way in.
    Login,
    /// The conversation.
    Chat,
    /// Anywhere else.
    NotFound,
}

impl Route {
    /// The place of a path; a slash at its end does not matter.
    pub fn of(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" | "/index.html" if path.starts_with('/') && !path.starts_with("//") => Self::Home,
            "/login" => Self::Login,
            "/chat" => Self::Chat,
            _ => Self::NotFound,
        }
    }

    /// The path of a place.
    pub fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Login => "/login",
            Self::Chat => "/chat",
            Self::NotFound => "/not-found",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn every_place_is_found_by_its_own_path() {
        for route in [Route::Home, Route::Login, Route::Chat, Route::NotFound] {
            assert_eq!(Route::of(route.path()), route);
        }
    }

    #[test]
    fn a_slash_at_the_end_does_not_matter_and_an_unknown_path_is_not_found() {
        assert_eq!(Route::of("/chat/"), Route::Chat);
        for path in ["", "//", "//evil.example", "/admin", "/chat/x", "chat"] {
            assert_eq!(Route::of(path), Route::NotFound, "{path}");
        }
    }
}
