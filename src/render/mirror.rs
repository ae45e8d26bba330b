//! Mirrors: Rust structs whose bytes a shader reads. Declared one way, so that one test can hold them all against
//! the WGSL (`tests/pictures/shaders.rs`): names, order, offsets and sizes.

/// A Rust struct that a WGSL struct of the same layout reads.
pub trait Mirror: bytemuck::Pod {
    /// The struct's name in WGSL.
    const WGSL_NAME: &'static str;
    /// Fields in order: name, offset and size in bytes. Names starting with `pad` have no WGSL twin.
    const FIELDS: &'static [(&'static str, usize, usize)];
}

/// Declares a plain-data struct together with its list of fields.
#[macro_export]
macro_rules! mirror {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $ty:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        #[repr(C)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl $crate::render::mirror::Mirror for $name {
            const WGSL_NAME: &'static str = stringify!($name);
            const FIELDS: &'static [(&'static str, usize, usize)] = &[
                $((stringify!($field), std::mem::offset_of!($name, $field), size_of::<$ty>()),)*
            ];
        }
    };
}
