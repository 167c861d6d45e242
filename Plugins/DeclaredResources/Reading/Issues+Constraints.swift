import MartletKernel
import MartletModel

/// The values of `unique`.
enum UniquenessChoice: String, CaseIterable {
    case yes = "true"
    case no = "false"
    case ignoringCase

    var constraint: Constraint? {
        switch self {
        case .yes: .unique
        case .no: nil
        case .ignoringCase: .unique(ignoringCase: true)
        }
    }
}

extension Issues {
    mutating func uniqueness(_ node: YAMLNode) -> UniquenessChoice? {
        guard case .scalar(let text, isPlain: true) = node.content, let isUnique = Bool(yaml: text) else {
            return choice(node, "unique")
        }
        return isUnique ? .yes : .no
    }

    mutating func length(_ node: YAMLNode) -> ClosedRange<Int>? {
        guard let text = text(node, "length") else { return nil }
        if JSONValue.isNumber(text), let length = Int(text), length >= 0 { return length...length }
        guard let length = Bounds(text)?.length else {
            add(node, "length must be a number, or a range such as 1..200, 1.. or ..200")
            return nil
        }
        return length
    }

    /// What they mean hangs on the field's type.
    mutating func bounds(_ node: YAMLNode) -> Bounds? {
        guard let text = text(node, "range") else { return nil }
        // As a number's range it is the widest: what isn't one here isn't one of integers either.
        guard let bounds = Bounds(text), bounds.range(for: .number) != nil else {
            add(node, "range must be such as 0..100, 0.5.. or ..10")
            return nil
        }
        return bounds
    }
}
