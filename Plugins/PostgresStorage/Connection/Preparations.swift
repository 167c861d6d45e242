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

    mutating func remove(_ statement: Statement) {
        if number(of: statement) != 0 { preparations[statement.id].number = 0 }
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
