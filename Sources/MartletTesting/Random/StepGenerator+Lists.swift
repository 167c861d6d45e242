import MartletKernel
import MartletModel

/// Lists and counts whose terms are made of what is there, so that they find some of it.
extension StepGenerator {
    mutating func list(of resource: RandomResource) -> RandomStep {
        let schema = resource.schema
        var list = Query.List(
            filter(on: resource), order: order(of: schema), limit: element(of: [0, 1, 2, 2, 5, 1000]))
        if isOne(in: 3) {
            let columns = (0..<schema.width).filter { _ in isOne(in: 2) }
            list.columns = columns.isEmpty ? nil : columns
        }
        switch number(below: 6) {
        case 0..<2:
            let records = database.tables[schema.name]?.records ?? []
            guard !records.isEmpty else { break }
            list.after = naming.place(of: element(of: records), in: list.order, resource)
            places[schema.name, default: []].append(list)
            if places[schema.name, default: []].count > 8 { places[schema.name]?.removeFirst() }
        case 2:
            // Where a record was, or is no more in this place.
            guard let earlier = places[schema.name], !earlier.isEmpty else { break }
            let place = element(of: earlier)
            (list.order, list.after) = (place.order, place.after)
        case 3:
            var place = RowBatch(width: list.order.count)
            for term in list.order {
                let value = value(of: resource, term.column)
                place.append(value[0, 0], of: value)
            }
            list.after = place
        default: break
        }
        return .list(resource, list)
    }

    private mutating func order(of schema: ResourceSchema) -> [SortTerm] {
        let columns = schema.fields.indices.filter { schema.fields[$0].isSortable }
        let count = element(of: [0, 1, 1, 2, 3, SortTerm.mostTerms])
        var terms: [SortTerm] = []
        for column in columns.shuffled(using: &random).prefix(count) {
            terms.append(SortTerm(column, isDescending: isOne(in: 2)))
        }
        return schema.totalOrder(terms)
    }

    mutating func filter(on resource: RandomResource) -> Filter {
        var clauses: [[FilterTerm]] = []
        for _ in 0..<element(of: [0, 1, 1, 1, 2, 3]) {
            var clause: [FilterTerm] = []
            for _ in 0..<element(of: [1, 1, 1, 2, 3]) { clause.append(term(on: resource)) }
            clauses.append(clause)
        }
        return Filter(clauses)
    }

    private mutating func term(on resource: RandomResource) -> FilterTerm {
        let column = number(below: resource.schema.fields.count)
        var operation = element(of: resource.schema.fields[column].filterOperators)
        if resource.schema.fields[column].type == .string, isOne(in: 2) {
            operation = isOne(in: 2) ? .like : .likeIgnoringCase
        }
        let value = value(of: resource, column)
        // Nothing compares with null; where there is none, there is nothing to ask for.
        guard operation != .isNull, !value[0, 0].isNull else { return FilterTerm(column, .isNull(isOne(in: 2))) }
        switch operation {
        case .like, .likeIgnoringCase:
            let pattern = LikePattern(pattern(like: value.string(of: value[0, 0]) ?? ""))
            let condition = pattern.map { FilterTerm.Condition.like($0, ignoringCase: operation == .likeIgnoringCase) }
            return FilterTerm(column, condition ?? .isNull(false))
        case .oneOf:
            var values = value
            for _ in 0..<element(of: [0, 1, 2, 5]) {
                let another = self.value(of: resource, column)
                if !another[0, 0].isNull { values.append(another[0, 0], of: another) }
            }
            return FilterTerm(column, .oneOf(values))
        default: return FilterTerm(column, .compare(operation.comparison ?? .equal, value: value))
        }
    }

    /// A value that a record has, or another; a number for a key that a storage gives.
    private mutating func value(of resource: RandomResource, _ column: Int) -> RowBatch {
        let field = resource.schema.fields[column]
        var value = RowBatch(width: 1)
        value.appendAbsentRow()
        let target = column == resource.schema.keyIndex ? resource.schema.name : field.reference?.resource
        if let target = target.flatMap(RandomResource.named) {
            switch name(in: target) {
            case .numbered(let number): value.set(row: 0, column: 0, to: .integer(number))
            case .keyed(let key): key.store(in: &value, row: 0, column: 0)
            }
            return value
        }
        let records = database.tables[resource.schema.name]?.records ?? []
        if !isOne(in: 3), !records.isEmpty {
            let record = element(of: records)
            value.set(row: 0, column: 0, to: record[0, column], of: record)
        } else {
            FieldValues.draw(field, isInSet: isOne(in: 2), into: &value, 0, &random)
        }
        return value
    }

    /// A part of a text, with `*` for what is left out, and some letters that are special elsewhere.
    private mutating func pattern(like text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let start = isOne(in: 2) ? 0 : number(below: scalars.count + 1)
        let end = isOne(in: 2) ? scalars.count : start + number(below: scalars.count - start + 1)
        // The rest is left out as well: no pattern is longer than may be.
        let shortEnd = min(end, start + LikePattern.mostScalars / 8)
        var pattern = start > 0 ? "*" : ""
        for scalar in scalars[start..<shortEnd] {
            switch number(below: 16) {
            case 0: pattern += "*"
            case 1: pattern += element(of: ["%", "_", "?", "[a]", "\\\\", "^", "$", "."])
            case 2..<6 where scalar.isASCII:
                let letter = String(scalar)
                pattern += LikePattern.escaping(isOne(in: 2) ? letter.uppercased() : letter.lowercased())
            default: pattern += LikePattern.escaping(String(scalar))
            }
        }
        return pattern + (shortEnd < scalars.count ? "*" : "")
    }
}
