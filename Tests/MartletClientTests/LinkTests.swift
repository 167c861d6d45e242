import Testing

@testable import MartletClient

/// `Link` headers as RFC 8288 writes them, and as others do.
@Suite struct LinkTests {
    private func links(_ values: String...) -> [Link] {
        var headers = HeaderFields()
        for value in values { headers.append("Link", value) }
        return Link.all(in: headers)
    }

    @Test(arguments: [
        "</b>;rel=next", "</b>; rel=\"next\"", "</b> ; REL = \"Next\"", "\t</b>\t;\trel\t=\tNEXT",
        "</b>; rel=\"prev next\"",
        "</b>; title=\"a, b; rel=first\"; rel=next", #"</b>; title="a \" > , <c>"; rel=next"#,
        "</b>; rel=next; rel=first",
        "</b>;; rel=next;", ", ,</b>; rel=next, ", "</b>; crossorigin; rel=next", "</b>; rel=\"next",
        "</b>; rel=next, <",
        "</a>; rel=first, </b>; rel=next", "</a>,</b>;rel=next", "</b>; rel=next; title*=UTF-8''%e2%82%ac",
        "</a>; rel=next; anchor=\"#other\", </b>; rel=next",
    ])
    func `The next page is found`(_ value: String) {
        #expect(links(value).first { $0.has(relation: "next") }?.target == "/b")
    }

    @Test(arguments: [
        "", "<", "/b; rel=next", "</b", "</b> rel=next", "</b>; rel=first; rel=next", "</b>; relation=next",
        "</b>; rel",
        "</b>; rel=nextpage", "</b>; rel=first, garbage, </c>; rel=next", "</b>; title=\"; rel=next",
    ])
    func `What is no next page isn't taken for one`(_ value: String) {
        #expect(!links(value).contains { $0.has(relation: "next") })
    }

    @Test func `Several headers are read as one list`() {
        #expect(links("</a>; rel=first", "</b>; rel=next, </c>; rel=last").map(\.target) == ["/a", "/b", "/c"])
    }
}
