//! What is passed on with the program names everything that is built in, with the texts that ask for it.

use std::collections::BTreeSet;

use abscope::cli::licences::LICENCES;

use crate::support::program::{abscope, hear};

#[test]
fn every_crate_of_the_lock_file_is_named_and_none_that_left_it() {
    let lock: toml::Table = include_str!("../../Cargo.lock")
        .parse()
        .expect("it is TOML");
    let packages = lock["package"].as_array().expect("it lists packages");
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let locked: BTreeSet<String> = packages
        .iter()
        // Without a source it is one of our own.
        .filter(|package| package.get("source").is_some())
        .filter_map(|package| {
            Some(format!(
                "{} {}",
                text(package, "name")?,
                text(package, "version")?
            ))
        })
        .collect();
    let (list, _) = LICENCES
        .split_once(&"-".repeat(100))
        .expect("the texts follow");
    let named: BTreeSet<String> = list
        .lines()
        .map(|line| line.split(" · ").next().unwrap_or_default().to_owned())
        .filter(|name| name.split(' ').count() == 2 && name.contains('.'))
        .collect();
    let missing: Vec<_> = locked.difference(&named).collect();
    let left: Vec<_> = named.difference(&locked).collect();
    assert!(
        missing.is_empty() && left.is_empty(),
        "run scripts/licences; not named: {missing:?}; no longer there: {left:?}"
    );
}

#[test]
fn the_texts_that_ask_to_be_passed_on_are_printed() {
    let said = hear(abscope().arg("licences"));
    assert_eq!(said.code, Some(0), "{}", said.err);
    for text in [
        "Mozilla Public License Version 2.0",
        "https://github.com/pdeljanov/Symphonia",
        "Copyright 2001-2023 Xiph.Org",
        "SIL OPEN FONT LICENSE",
        "UNICODE LICENSE V3",
        "Apache License",
        "Permission is hereby granted, free of charge",
    ] {
        assert!(said.out.contains(text), "{text}");
    }
}
