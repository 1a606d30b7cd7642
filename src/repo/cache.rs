//! A cache of two generations, within a budget.
//!
//! Decides what is dropped: what was not asked for while the young generation filled up.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Values that cost something to keep.
pub struct Cache<K, V, S> {
    young: HashMap<K, (V, usize), S>,
    old: HashMap<K, (V, usize), S>,
    young_cost: usize,
    budget: usize,
}

impl<K: Eq + Hash + Copy, V, S: BuildHasher + Default> Cache<K, V, S> {
    /// An empty cache. Two generations of `budget` are kept, and what is in use besides.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), young_cost: 0, budget }
    }

    /// Keeps two generations of `budget` from now on, if that is more than before.
    pub fn widen(&mut self, budget: usize) {
        self.budget = self.budget.max(budget);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::new(self.budget);
    }

    /// The value of a key, if it is kept.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        if let Some((value, cost)) = self.old.remove(key) {
            self.insert(*key, value, cost);
        }
        self.young.get(key).map(|(value, _)| value)
    }

    /// Keeps a value.
    pub fn insert(&mut self, key: K, value: V, cost: usize) {
        if self.young_cost + cost > self.budget && self.young_cost > 0 {
            self.old = std::mem::take(&mut self.young);
            self.young_cost = 0;
        }
        self.young_cost += cost;
        self.young.insert(key, (value, cost));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Numbers = Cache<u32, u32, std::hash::RandomState>;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut cache = Numbers::new(2);
        for number in 0..100 {
            cache.insert(number, number, 1);
            assert_eq!(cache.get(&0), Some(&0), "asked for again and again");
        }
        assert_eq!(cache.get(&1), None);
        assert_eq!(cache.get(&99), Some(&99));
        assert!(cache.young.len() + cache.old.len() <= 4);
    }

    #[test]
    fn a_value_beyond_the_budget_is_kept_alone() {
        let mut cache = Numbers::new(2);
        cache.insert(1, 1, 1);
        cache.insert(2, 2, 50);
        cache.insert(3, 3, 1);
        assert_eq!((cache.young.len(), cache.old.len()), (1, 1));
        assert_eq!(cache.get(&2), Some(&2));
    }

    #[test]
    fn a_cache_grows_but_does_not_shrink_and_can_be_emptied() {
        let mut cache = Numbers::new(2);
        cache.widen(4);
        cache.widen(3);
        (0..9).for_each(|number| cache.insert(number, number, 1));
        assert_eq!((cache.young.len(), cache.old.len()), (1, 4));
        cache.clear();
        assert_eq!(cache.get(&8), None);
        assert_eq!(cache.budget, 4);
    }
}
