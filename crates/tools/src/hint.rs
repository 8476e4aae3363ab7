//! "Did you mean": the known word that a mistyped word resembles.

/// The least similarity of a suggestion, as clap has it for its own.
const SIMILAR: f64 = 0.7;

/// The most similar word, as a question in brackets; empty if none is similar.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let rated = known.into_iter().map(|one| (strsim::jaro_winkler(word, one), one));
    let best = rated.filter(|(similarity, _)| *similarity > SIMILAR).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(String::new, |(_, one)| format!(" (did you mean {one}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_has_one_suggestion_and_a_foreign_one_none() {
        let known = ["loan.active", "loan.created", "customer.created"];
        assert_eq!(did_you_mean("loan.actve", known), " (did you mean loan.active?)");
        assert_eq!(did_you_mean("zzz", known), "");
    }
}
