import FoundationEssentials
import MartletModel

/// A place in a list by a text, an integer and the key: a record may be there or not.
struct Place: Sendable {
    /// The key, as a number.
    let number: Int
    /// Places among the values of ``Grid``; -1 for null.
    let text: Int
    let integer: Int

    static let all: [Place] = (-1..<3).flatMap { text in
        (-1..<3).flatMap { integer in
            // Two of each pair of values; the second has the lesser key.
            [0, 1].map { Place(number: 4 * (text + 1) + (integer + 1) + 100 * (1 - $0), text: text, integer: integer) }
        }
    }

    var record: Grid.Record {
        Grid.Record(number: number, integer: integer < 0 ? nil : integer, text: text < 0 ? nil : text)
    }

    var specimen: Specimen { record.specimen }

    /// Whether there is a record: of each pair of values with one key of two.
    var isTaken: Bool { (number / 4 + number) % 2 == 0 }

    /// What a page begins behind, in the columns of an order.
    func values(_ order: [SortTerm]) -> RowBatch { specimen.row.place(ofRow: 0, in: order) }

    func isBehind(_ other: Place, _ order: [SortTerm]) -> Bool {
        for term in order {
            let (mine, others) = (rank(term.column), other.rank(term.column))
            if mine != others { return term.isDescending ? mine < others : mine > others }
        }
        return false
    }

    private func rank(_ column: Int) -> Int {
        switch column {
        case Grid.text.column: text
        case Grid.integer.column: integer
        default: number
        }
    }
}
