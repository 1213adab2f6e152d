extension String {
    /// Whether both texts are the same UTF-8 bytes.
    ///
    /// `String ==` is canonical equivalence: it calls two different redirect URIs equal when one spells `é` as two
    /// scalars. Identifiers that a protocol compares "as strings" (RFC 3986 §6.2.1) are compared with this.
    package func isByteEqual(to other: String) -> Bool {
        // Both counts are stored, and most comparisons end there.
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
