/// What a ``Pattern`` is made of.
indirect enum PatternNode {
    /// What matches the empty text alone: something that is repeated no times.
    case empty
    case scalar(UInt32)
    /// Any scalar but a line terminator.
    case any
    case set(ScalarSet)
    case start
    case end
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// - Parameter most: nil if there is no limit.
    case repetition(PatternNode, least: Int, most: Int?)

    var isAnchor: Bool {
        switch self {
        case .start, .end: true
        default: false
        }
    }

    var isEmpty: Bool {
        if case .empty = self { true } else { false }
    }

    /// The nodes one behind the other. Empty ones are left out, so that the length of a program bounds the time it
    /// takes to write it.
    static func joined(_ nodes: [PatternNode]) -> PatternNode {
        let nodes = nodes.filter { !$0.isEmpty }
        guard let first = nodes.first else { return .empty }
        return nodes.count == 1 ? first : .sequence(nodes)
    }

    func repeated(least: Int, most: Int?) -> PatternNode {
        isEmpty || most == 0 ? .empty : .repetition(self, least: least, most: most)
    }
}
