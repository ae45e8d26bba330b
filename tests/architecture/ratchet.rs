//! Lists of what is not yet as it should be, which only get shorter.

use std::collections::BTreeMap;

/// What is wrong beyond a list of known faults, and what stands in the list for nothing. `found` has for each fault its
/// key, as the list writes it, and words about it.
pub fn complaints(found: &BTreeMap<String, String>, known: &[&str]) -> Vec<String> {
    let new = found
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()))
        .map(|(_, words)| words.clone());
    let gone = known
        .iter()
        .filter(|key| !found.contains_key(**key))
        .map(|key| format!("\"{key}\" is no longer needed: take it off the list"));
    new.chain(gone).collect()
}

/// Fails with all complaints, and with the list as it would have to be: for when files are moved, not for new faults.
pub fn hold(found: &BTreeMap<String, String>, known: &[&str]) {
    let complaints = complaints(found, known);
    let list: String = found
        .keys()
        .map(|key| format!("    \"{key}\",\n"))
        .collect();
    assert!(
        complaints.is_empty(),
        "\n{}\nAs it is, the list would be\n{list}",
        complaints.join("\n")
    );
}

#[test]
fn a_new_fault_and_an_exception_that_is_no_longer_needed_are_found() {
    let found = BTreeMap::from([
        ("a.rs".to_owned(), "a.rs is bad".to_owned()),
        ("b.rs".to_owned(), "b.rs is bad".to_owned()),
    ]);
    assert_eq!(complaints(&found, &["a.rs", "b.rs"]), Vec::<String>::new());
    let new = complaints(&found, &["a.rs"]);
    assert!(new.len() == 1 && new[0].contains("b.rs is bad"), "{new:?}");
    let gone = complaints(&found, &["a.rs", "b.rs", "c.rs"]);
    assert!(gone.len() == 1 && gone[0].contains("\"c.rs\" is no longer needed"));
}
