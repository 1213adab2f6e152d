/// A value whose content must not reach a log, an error text or a crash report.
///
/// Interpolation, `print`, `dump` and a debugger's description all show `•••`; the content is read through a named
/// property only, so that each place that reveals it can be found.
package protocol Concealed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Concealed {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
