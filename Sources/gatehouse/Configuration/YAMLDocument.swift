import Directory
import Foundation
import Server
import Yams

/// Reads a YAML file as a plain tree in which every scalar is the text that stands in the file.
enum YAMLDocument {
    /// Why a file is refused. Of its content nothing but a line number is told: it may hold secrets.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter path: A file, or `-` for the standard input.
    static func read(_ path: String) throws(Refusal) -> DocumentValue {
        let data =
            path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data else { throw Refusal(description: "The file \(path) cannot be read.") }
        guard data.count <= maximumSize else { throw Refusal(description: "The file \(path) is larger than 16 MiB.") }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Refusal(description: "The file \(path) is not in UTF-8.")
        }
        do { return try parse(text) } catch { throw Refusal(description: "The file \(path): \(error)") }
    }

    /// Reads one YAML document; an empty one is nothing.
    static func parse(_ text: String) throws(Refusal) -> DocumentValue {
        let node: Node?
        do { node = try compose(yaml: text) } catch { throw refusal(error) }
        guard let node else { return DocumentValue(.null, line: 1) }
        var budget = maximumValues
        return try value(node, depth: 0, &budget)
    }

    private static let maximumSize = 16 << 20
    /// References (`*name`) make a small file large: ten levels of ten are ten thousand million values.
    private static let maximumValues = 1_000_000
    private static let maximumDepth = 32

    private static func value(_ node: Node, depth: Int, _ budget: inout Int) throws(Refusal) -> DocumentValue {
        let line = node.mark?.line ?? 1
        budget -= 1
        guard budget > 0, depth < maximumDepth else {
            throw Refusal(description: "line \(line): too many values, or too deeply nested ones")
        }
        switch node {
        case .scalar(let scalar):
            return DocumentValue(node.tag == Tag(.null) ? .null : .text(scalar.string), line: line)
        case .sequence(let sequence):
            var list: [DocumentValue] = []
            for element in sequence { list.append(try value(element, depth: depth + 1, &budget)) }
            return DocumentValue(.list(list), line: line)
        case .mapping(let mapping):
            var members: [DocumentValue.Member] = []
            for (key, element) in mapping {
                guard let name = key.scalar?.string else {
                    throw Refusal(description: "line \(line): a key must be a text")
                }
                let element = try value(element, depth: depth + 1, &budget)
                members.append(.init(name, DocumentValue(element.content, line: key.mark?.line ?? element.line)))
            }
            return DocumentValue(.object(members), line: line)
        case .alias: throw Refusal(description: "line \(line): this reference leads nowhere")
        }
    }

    /// The parser's own words for what is wrong, without the piece of the file that it would print beside them.
    private static func refusal(_ error: any Error) -> Refusal {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Refusal(description: "line \(mark.line): no valid YAML (\(problem))")
        case .duplicatedKeysInMapping(_, let context):
            Refusal(description: "line \(context.mark.line): a key stands here twice")
        default: Refusal(description: "no valid YAML")
        }
    }
}
