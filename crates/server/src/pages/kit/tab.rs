//! A tab: a link to a part of a page, to a page beside it, or to a list with another filter.

/// A tab.
pub(in crate::pages) struct Tab {
    pub(in crate::pages) href: String,
    pub(in crate::pages) label: &'static str,
    pub(in crate::pages) current: bool,
}

impl Tab {
    /// The tabs of a list: all states, and each state.
    pub(in crate::pages) fn of_states<S: Copy + PartialEq>(
        states: impl IntoIterator<Item = S>, current: Option<S>,
        words: (&'static str, fn(S) -> &'static str), href: impl Fn(Option<S>) -> String,
    ) -> Vec<Self> {
        let (all, of_state) = words;
        let tab = |state: Option<S>| Self {
            href: href(state),
            label: state.map_or(all, of_state),
            current: state == current,
        };
        std::iter::once(None).chain(states.into_iter().map(Some)).map(tab).collect()
    }
}
