//! Limits on the stored files of a customer, so that the holder of a session link cannot fill the disk.

/// The limits for one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// Most files, including replaced files that are not deleted yet.
    pub files: i64,
    /// Most bytes of all files together.
    pub bytes: i64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self { files: 100, bytes: 200 * 1024 * 1024 }
    }
}

/// The stored files of one customer, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredFiles {
    /// The number of files.
    pub files: i64,
    /// The sum of their sizes in bytes.
    pub bytes: i64,
}

impl StoredFiles {
    /// Whether a file of so many bytes still fits.
    pub fn has_room_for(self, bytes: i64, limits: FileLimits) -> bool {
        self.files < limits.files && self.bytes.saturating_add(bytes) <= limits.bytes
    }

    /// Whether the writing of a file may begin while `writing` others are being written, each of at most `largest`
    /// bytes. The file's size is not known yet; [`StoredFiles::has_room_for`] decides once it is.
    pub fn may_begin(self, writing: i64, largest: i64, limits: FileLimits) -> bool {
        let reserved = writing.saturating_mul(largest);
        self.files.saturating_add(writing) < limits.files
            && self.bytes.saturating_add(reserved) <= limits.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: FileLimits = FileLimits { files: 3, bytes: 30 };

    #[test]
    fn the_last_file_that_fits_is_accepted_and_a_further_one_is_refused() {
        assert!(StoredFiles { files: 2, bytes: 20 }.has_room_for(10, LIMITS));
        assert!(!StoredFiles { files: 2, bytes: 20 }.has_room_for(11, LIMITS));
        assert!(!StoredFiles { files: 3, bytes: 0 }.has_room_for(1, LIMITS));
        assert!(!StoredFiles { files: 0, bytes: i64::MAX }.has_room_for(i64::MAX, LIMITS));
    }

    proptest! {
        /// In any order of uploads that begin, end or fail, the stored files stay within the limits. The files on
        /// disk exceed them by at most one.
        #[test]
        fn no_order_of_uploads_exceeds_the_limits(steps in prop::collection::vec((0_u8..3, 1_i64..=10), 1..200)) {
            let (mut stored, mut writing) = (StoredFiles::default(), Vec::new());
            for (step, size) in steps {
                let count = i64::try_from(writing.len()).unwrap();
                match step {
                    0 | 1 if stored.may_begin(count, 10, LIMITS) => writing.push(size),
                    0 | 1 => {}
                    _ended => if let Some(size) = writing.pop() && stored.has_room_for(size, LIMITS) {
                        stored = StoredFiles { files: stored.files + 1, bytes: stored.bytes + size };
                    },
                }
                prop_assert!(stored.files <= LIMITS.files && stored.bytes <= LIMITS.bytes);
                let on_disk = stored.bytes + writing.iter().sum::<i64>();
                prop_assert!(on_disk <= LIMITS.bytes + 10, "{on_disk}");
                prop_assert!(stored.files + i64::try_from(writing.len()).unwrap() <= LIMITS.files + 1);
            }
        }
    }
}
