//! Enums whose values have a name outside this program.

/// Declares an enum of which every value has one name, and the two ways between them.
///
/// The names are stored and sent to clients, so a name never changes.
macro_rules! named {
    (
        $(#[doc = $doc:literal])+
        pub enum $type:ident {
            $($(#[doc = $variant_doc:literal])+ $variant:ident => $name:literal,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $type {
            /// The names of all values.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The name of the value.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The value with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use named;
