import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let lists: [Clause] =
        RankedField.all.map { field in
            let name = Specimen.resource.fields[field.column].name
            return Clause("a list by the field \(name) has null first, or last when it descends") { subject in
                try await subject.makeAll(field.specimens)
                let numbers = field.numbers(ofRanks: [field.count, field.count + 1] + Array(0..<field.count))
                for (isDescending, limit) in [(false, 5), (true, 7)] {
                    let sort = [SortTerm(field.column, isDescending: isDescending)]
                    let rows = try await subject.list(of: Specimen.self, by: sort)
                    // Keys go the same way: of two without a value the greater one is first.
                    let nulls = numbers.prefix(2).sorted()
                    let expected = nulls + numbers.dropFirst(2)
                    try subject.expect(
                        Specimen.numbers(of: rows), isDescending ? expected.reversed() : expected,
                        "numbers\(isDescending ? ", descending" : "")")
                    let seen = try await subject.walk(Specimen.self, by: sort, limit: limit)
                    try subject.expect(seen, rows, "all pages of \(limit)")
                }
            }
        } + [
            Clause("a list has an order by up to eight fields, each in its direction, and its pages have it too") {
                subject in
                let records = Sorted.records
                try await subject.makeAll(records.map(\.specimen))
                var random = SplitMix64(seed: 8)
                for number in 0..<16 {
                    let fields = Sorted.fields.shuffled(using: &random).prefix(number % SortTerm.mostTerms + 1)
                    let terms = fields.map { SortTerm($0.column, isDescending: Bool.random(using: &random)) }
                    let rows = try await subject.list(of: Specimen.self, by: terms)
                    try subject.expect(
                        Specimen.numbers(of: rows), Sorted.numbers(records, by: terms), "numbers by \(terms)")
                    let limit = number % 3 + 1
                    let seen = try await subject.walk(Specimen.self, by: terms, limit: limit)
                    try subject.expect(seen, rows, "all pages of \(limit) by \(terms)")
                }
            },
            Clause("a page begins behind its place, whether or not a record is there") { subject in
                // With null among their values. Every other has a record.
                let places = Place.all
                try await subject.makeAll(places.filter(\.isTaken).map(\.specimen))
                for directions in 0..<8 where directions % 3 != 2 {
                    let terms = [Grid.text.column, Grid.integer.column, 0].enumerated().map {
                        SortTerm($1, isDescending: directions >> $0 & 1 == 1)
                    }
                    for place in places {
                        let behind = places.filter { $0.isTaken && $0.isBehind(place, terms) }
                            .sorted { $1.isBehind($0, terms) }
                        let page = try await subject.list(
                            of: Specimen.self, by: terms, after: place.values(terms), limit: 3)
                        guard Specimen.numbers(of: page) == behind.prefix(3).map(\.number) else {
                            throw subject.violation(
                                "the page behind \(place.values(terms)) by \(terms)", behind.prefix(3).map(\.number),
                                page)
                        }
                    }
                }
            },
            Clause("a page of a filtered list begins behind any place, whatever the filter says of it") { subject in
                let places = Place.all
                try await subject.makeAll(places.filter(\.isTaken).map(\.specimen))
                for directions in [0, 7, 2] {
                    let terms = [Grid.text.column, Grid.integer.column, 0].enumerated().map {
                        SortTerm($1, isDescending: directions >> $0 & 1 == 1)
                    }
                    for filter in Grid.terms + Grid.bounds {
                        let meant = places.filter { $0.isTaken && filter.holds($0.record) }
                            .sorted { $1.isBehind($0, terms) }
                        for place in places {
                            let behind = meant.filter { $0.isBehind(place, terms) }.prefix(2).map(\.number)
                            let page = try await subject.list(
                                of: Specimen.self, Filter([[filter.term]]), by: terms, after: place.values(terms),
                                limit: 2)
                            guard Specimen.numbers(of: page) == behind else {
                                let what = "\(filter.term) behind \(place.values(terms)) by \(terms)"
                                throw subject.violation(what, behind, page)
                            }
                        }
                    }
                }
            },
            Clause("a page of a filtered list has the next records that are meant") { subject in
                let field = RankedField.text
                try await subject.makeAll(field.specimens)
                let filter = Filter([[field.term(.greater, 2)], [field.term(.notEqual, 9)], [field.term(.less, 30)]])
                let ranks = (3..<30).filter { $0 != 9 }
                for limit in [1, 4, 26, 27] {
                    let sort = [SortTerm(field.column, isDescending: true)]
                    let seen = try await subject.walk(Specimen.self, filter, by: sort, limit: limit)
                    try subject.expect(
                        Specimen.numbers(of: seen), field.numbers(ofRanks: ranks.reversed()), "pages of \(limit)")
                }
                try await subject.expectFound(filter, field.numbers(ofRanks: ranks))
            },
            Clause("a list has at most as many records as its limit, and may have none") { subject in
                try await subject.expect(subject.list(of: Specimen.self).count, 0, "records of an empty list")
                try await subject.expect(
                    subject.list(of: Specimen.self).width, Specimen.resource.width, "columns of an empty list")
                try await subject.expect(subject.count(of: Specimen.self), 0, "records of an empty resource")
                try await subject.makeAll(RankedField.flag.specimens)
                for limit in [0, 1, 3, 4, 5, 1001] {
                    let rows = try await subject.list(of: Specimen.self, limit: limit)
                    try subject.expect(rows.count, min(limit, 4), "records of a list of \(limit)")
                    try subject.expect(rows.width, Specimen.resource.width, "columns of a list of \(limit)")
                }
                try await subject.expect(subject.count(of: Specimen.self), 4, "all records")
            },
        ]
}
