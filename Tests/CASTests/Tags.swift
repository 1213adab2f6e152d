import Testing

extension Tag {
    @Tag static var security: Self
}
