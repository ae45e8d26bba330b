//! The widest vectors that the processor has, for loops over whole spectra and blocks of samples.
//!
//! The program is built for every processor of its kind, which on x86 means vectors of four. Most have had eight since
//! 2013. Only the width changes: the same operations in the same order give the same numbers to the bit on any of them.

/// A function that is compiled twice, for any processor and for wide vectors, and runs as the processor can. What it calls
/// is compiled so too only if it is always inlined.
macro_rules! widely {
    ($(#[$meta:meta])* $visible:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        #[inline]
        $visible fn $name($($arg: $type),*) {
            #[inline(always)]
            fn any($($arg: $type),*) $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $type),*) {
                    any($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    #[expect(unsafe_code, reason = "the compiler does not know what the processor was asked")]
                    // SAFETY: the processor was asked just now, and has what the function is compiled for.
                    return unsafe { wide($($arg),*) };
                }
            }
            any($($arg),*);
        }
    };
}

pub(crate) use widely;

#[cfg(test)]
mod tests {
    use crate::dsp::fast_math::{db_from_power, power_from_db};
    use crate::dsp::signals::Random;

    #[inline(always)]
    fn there_and_back(powers: &[f32], levels_db: &mut [f32], sums: &mut [f32; 8]) {
        for (level_db, power) in levels_db.iter_mut().zip(powers) {
            *level_db = db_from_power(0.3 * power + 1e-20) - 0.7;
        }
        for eight in levels_db.as_chunks::<8>().0 {
            for (sum, level_db) in sums.iter_mut().zip(eight) {
                *sum += 1.1 * power_from_db(*level_db);
            }
        }
    }

    super::widely! {
        fn wide(powers: &[f32], levels_db: &mut [f32], sums: &mut [f32; 8]) {
            there_and_back(powers, levels_db, sums);
        }
    }

    #[test]
    fn wide_vectors_give_the_same_numbers_to_the_bit() {
        let mut random = Random::new(8);
        let powers: Vec<f32> = (0..4_003)
            .map(|_| random.bipolar().powi(4) as f32)
            .collect();
        let (mut plain, mut plain_sums) = (vec![0.0; powers.len()], [0.0; 8]);
        let (mut levels_db, mut sums) = (plain.clone(), plain_sums);
        there_and_back(&powers, &mut plain, &mut plain_sums);
        wide(&powers, &mut levels_db, &mut sums);
        assert!(plain == levels_db && plain_sums == sums);
        assert!(sums.iter().all(|sum| *sum > 0.0));
    }
}
