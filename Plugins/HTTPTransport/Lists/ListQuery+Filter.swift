import MartletKernel
import MartletModel

extension ListQuery {
    /// `age.gte=18`: one more condition that has to hold.
    /// - Parameter raw: the value as it came, with its encoding.
    mutating func takeFilter(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer
    ) {
        do throws(FieldError) {
            let filter = try FilterName(name, of: resource)
            guard filters.insert(filter).inserted else { throw .repeated(name.text) }
            guard admitTerm(of: name.text) else { return }
            clauses.append([try term(filter, value, of: name.text)])
            // A list without an address that has a plus sign would be an answer to another question.
            if resource.schema.fields[filter.column].format == .email, raw.next(UInt8(ascii: "+")) != nil {
                throw FieldError(at: .parameter(name.text), .invalidParameter, "no e-mail address has a space")
            }
        } catch {
            refuse(error.withEncodingHint(for: raw))
        }
    }

    /// `or=(age.lt=18,age.gt=65)`: one of these has to hold.
    mutating func takeAlternatives(_ value: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer) {
        guard value.first == UInt8(ascii: "("), value.last == UInt8(ascii: ")"), value.count > 2 else {
            return refuse("or", "must be filters in parentheses, such as (age.lt=18,age.gt=65)")
        }
        var terms: [FilterTerm] = []
        for (index, text) in Self.split(value.slice(1..<value.count - 1)).enumerated() {
            guard !hasEnoughErrors, admitTerm(of: "or") else { return }
            text.withUnsafeBytes { text in
                let name = text.slice(0..<(text.next(UInt8(ascii: "=")) ?? text.count))
                do throws(FieldError) {
                    guard name.count < text.count else {
                        throw FieldError(at: .parameter("or"), .invalidParameter, "must be a filter, such as age.lt=18")
                    }
                    let filter = try FilterName(name, of: resource, isAlternative: true)
                    terms.append(try term(filter, text.slice(from: name.count + 1), of: "or"))
                } catch {
                    let detail = error.withEncodingHint(for: raw).detail
                    refuse("or", "term \(index + 1), \(quoted(name.text)): \(detail)")
                }
            }
        }
        clauses.append(terms)
    }

    private mutating func term(
        _ filter: FilterName, _ value: UnsafeRawBufferPointer, of parameter: String
    ) throws(FieldError) -> FilterTerm {
        let term = try FilterTerm(
            filter.column, of: resource.schema, filter.operation, value.text, parameter: parameter)
        if case .oneOf(let values) = term.condition {
            valueCount += values.count
            guard valueCount <= Filter.mostValues else {
                throw FieldError(
                    at: .parameter(parameter), .invalidParameter,
                    "has too many values: all filters together take \(Filter.mostValues) of these")
            }
        }
        return term
    }

    /// - Returns: Whether the filter may have one term more. That it may not is told once.
    private mutating func admitTerm(of parameter: String) -> Bool {
        termCount += 1
        if termCount == Filter.mostTerms + 1 {
            refuse(parameter, "is one too many: a list takes \(Filter.mostTerms) filters at the most")
        }
        return termCount <= Filter.mostTerms
    }

    /// The parts between commas. `\,` and `\\` stand for `,` and `\`; before anything else a `\` is the part's own.
    private static func split(_ text: UnsafeRawBufferPointer) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            if byte == UInt8(ascii: "\\"), next == UInt8(ascii: ",") || next == byte {
                parts[parts.count - 1].append(next)
                index += 1
            } else if byte == UInt8(ascii: ",") {
                parts.append([])
            } else {
                parts[parts.count - 1].append(byte)
            }
            index += 1
        }
        return parts
    }
}
