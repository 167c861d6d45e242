/// Which statements a connection has prepared: each under a number, which is never used again.
struct Preparations {
    private struct Preparation {
        /// 0 if there is none.
        var number = 0
        var edition = 0
    }

    /// By the statements' ids.
    private var preparations: [Preparation]
    private var lastNumber = 0
    /// What nobody uses any more, and the server still has.
    private var outdated: [Int] = []

    init(ids: Int) {
        preparations = Array(repeating: Preparation(), count: ids)
    }

    /// 0 if it isn't prepared.
    func number(of statement: Statement) -> Int {
        let preparation = preparations[statement.id]
        return preparation.edition == statement.edition ? preparation.number : 0
    }

    /// Takes the place of what had the id.
    mutating func add(_ statement: Statement) -> Int {
        let before = preparations[statement.id].number
        if before != 0 { outdated.append(before) }
        lastNumber += 1
        preparations[statement.id] = Preparation(number: lastNumber, edition: statement.edition)
        return lastNumber
    }

    /// It is of no use any more.
    /// - Parameter isGone: the server doesn't have it either. To drop it would be an error, for what is sent with that too.
    mutating func forget(_ id: Int, _ number: Int, isGone: Bool) {
        guard number != 0, preparations[id].number == number else { return }
        preparations[id].number = 0
        if !isGone { outdated.append(number) }
    }

    /// It wasn't prepared after all.
    mutating func remove(_ id: Int, _ number: Int) {
        if preparations[id].number == number { preparations[id].number = 0 }
    }

    mutating func takeOutdated() -> [Int] {
        defer { outdated.removeAll() }
        return outdated
    }

    /// It couldn't be dropped.
    mutating func putBack(_ number: Int) {
        outdated.append(number)
    }
}
