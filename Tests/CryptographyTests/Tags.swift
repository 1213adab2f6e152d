import Testing

extension Tag {
    /// Tests that hold a property an attacker would like to break; `swift test list` starts an audit with them.
    @Tag static var security: Self
}
