-- POST /users, 3 of 10 with an address that a record has already: 409 is the right answer to these. Arguments: a word that
-- no other run has, and the number of records loaded before, whose addresses are taken. Prints how many answers were 409.

local count, threads = 0, {}

function setup(thread)
    table.insert(threads, thread)
end

function init(arguments)
    math.randomseed(os.time())
    run, loaded = arguments[1], tonumber(arguments[2])
end

function request()
    count = count + 1
    local address = string.format("ada.%s.%d@example.com", run, count)
    if count % 10 < 3 then address = string.format("user%d@example.com", math.random(0, loaded - 1)) end
    local body = string.format('{"name":"Ada Lovelace","email":"%s"}', address)
    return wrk.format("POST", "/users", { ["Content-Type"] = "application/json" }, body)
end

function response(status)
    -- Not a local one: it is read from the thread by its name.
    if status == 409 then taken = (taken or 0) + 1 end
end

function done()
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + (thread:get("taken") or 0) end
    io.write(string.format("Conflicts: %d\n", sum))
end
