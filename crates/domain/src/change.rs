//! A partial update's change of a field that may be empty.

/// Keep a field, empty it, or set it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Nothing is said of it.
    #[default]
    Keep,
    /// Take it away.
    Clear,
    /// Make it this.
    Set(T),
}

impl<T: Clone> Change<T> {
    /// Applies the change; returns whether anything was said of the field.
    pub fn apply(&self, field: &mut Option<T>) -> bool {
        match self {
            Self::Keep => return false,
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
        true
    }

    /// Whether anything is said of the field.
    pub fn is_said(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeping_clearing_and_setting() {
        let mut field = Some(1);
        assert!(!Change::Keep.apply(&mut field) && field == Some(1));
        assert!(Change::Set(2).apply(&mut field) && field == Some(2));
        assert!(Change::Clear.apply(&mut field) && field.is_none());
    }
}
