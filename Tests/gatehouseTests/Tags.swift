import Testing

extension Tag {
    /// A rule that keeps somebody out.
    @Tag static var security: Self
}
