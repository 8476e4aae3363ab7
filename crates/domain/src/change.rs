//! The instruction of a partial update for a field that may be empty.

/// Keeps a field, empties it, or sets it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The update does not name the field.
    #[default]
    Keep,
    /// Empty the field.
    Clear,
    /// Set the field to this value.
    Set(T),
}

impl<T: Clone> Change<T> {
    /// Applies the change. Returns whether the update named the field.
    pub fn apply(&self, field: &mut Option<T>) -> bool {
        match self {
            Self::Keep => return false,
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
        true
    }

    /// Whether the update names the field.
    pub fn is_said(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_clears_or_sets_a_field() {
        let mut field = Some(1);
        assert!(!Change::Keep.apply(&mut field) && field == Some(1));
        assert!(Change::Set(2).apply(&mut field) && field == Some(2));
        assert!(Change::Clear.apply(&mut field) && field.is_none());
    }
}
