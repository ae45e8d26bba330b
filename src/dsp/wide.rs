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
