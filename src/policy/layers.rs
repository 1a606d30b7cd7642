//! Several lists together, and the settings in force.

use super::{Diagnostic, List, PolicyFile, Settings};

/// The lists that apply, in the order given. Each is evaluated on its own and what they exclude is
/// united, so a later one can only add.
#[derive(Debug, Clone)]
pub struct Layers {
    /// Never empty.
    pub lists: Vec<List>,
    /// What is in force.
    pub settings: Settings,
}

impl Layers {
    /// Puts lists together. The first layer (the policy file, or else the first list) says how
    /// strictly the lists are applied, the others may only be stricter. The scanned repository's own
    /// list goes last. A list that is given twice, byte for byte, counts once.
    ///
    /// # Errors
    /// `no-list`, `duplicate-list` (same name, other bytes), `layer-loosens`.
    pub fn new(policy: Option<&PolicyFile>, lists: Vec<List>) -> Result<Self, Vec<Diagnostic>> {
        let _ = (policy, lists);
        todo!()
    }
}
