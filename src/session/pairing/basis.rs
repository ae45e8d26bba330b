//! What a comparison is based on: what the loudness match is made of, and which references make the band.

use serde::{Deserialize, Serialize};

/// What of both sides is brought to the same loudness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchBasis {
    /// Integrated loudness of both sides over the seconds of the same song that both played since the reset; of another
    /// song that of the mix since its reset, against the reference's region.
    #[default]
    Integrated,
    /// Short-term loudness of both sides now, over the last ten seconds that sounded.
    ShortTerm,
    /// Integrated loudness of the mix since its reset against the reference's region, also for the same song.
    Region,
}

impl MatchBasis {
    /// All of them, in the order the key steps through.
    pub const ALL: [Self; 3] = [Self::Integrated, Self::ShortTerm, Self::Region];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integrated => "integrated",
            Self::ShortTerm => "short-term",
            Self::Region => "region",
        }
    }

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.name() == name)
    }
}

/// Whose 10-90 % band and median lie behind the live curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BandOf {
    /// The active reference's.
    #[default]
    Active,
    /// That of all loaded references together: each as loud as the others, and each counted once.
    All,
}

impl BandOf {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Active, Self::All];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::All => "all",
        }
    }

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for basis in MatchBasis::ALL {
            assert_eq!(MatchBasis::from_name(basis.name()), Some(basis));
        }
        for band in BandOf::ALL {
            assert_eq!(BandOf::from_name(band.name()), Some(band));
        }
        assert_eq!(MatchBasis::from_name("loud"), None);
    }
}
