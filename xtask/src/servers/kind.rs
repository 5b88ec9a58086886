use clap::ValueEnum;

/// The four ways to register a model at AICON (`aicon.md` 1), the second in its two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// AICON hosts the app.
    #[value(name = "1")]
    Hosted,
    /// AICON's own chat.
    #[value(name = "2-chat")]
    Chat,
    /// AICON's own form.
    #[value(name = "2-multi")]
    MultiInput,
    /// The provider hosts the app; login by OAuth, or no app and an API key.
    #[value(name = "3")]
    OwnSite,
    /// The provider hosts the app, and AICON leads its users there.
    #[value(name = "4")]
    Outlink,
}

impl Kind {
    /// Whether the back end hosts the app.
    pub(crate) fn is_self_hosted(self) -> bool {
        matches!(self, Self::OwnSite | Self::Outlink)
    }

    /// Whether AICON's own pages are all that users see.
    pub(crate) fn is_microsite(self) -> bool {
        self.definition().is_some()
    }

    /// The shipped model definition that AICON's own pages show.
    pub(crate) fn definition(self) -> Option<&'static str> {
        match self {
            Self::Chat => Some("assistant"),
            Self::MultiInput => Some("translator"),
            Self::Hosted | Self::OwnSite | Self::Outlink => None,
        }
    }
}
