# What the scripts share: where the project is, and how to get what is missing. Sourced, not run.
#
# Nothing is installed that is there already, so that a second run costs nothing and asks no network.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '\033[1m==> %s\033[0m\n' "$*" | plain >&2; }
warn() { printf '\033[33mwarning: %s\033[0m\n' "$*" | plain >&2; }
fail() {
    printf '\033[31merror: %s\033[0m\n' "$*" | plain >&2
    exit 1
}

# Colours are for terminals.
plain() { if [ -t 2 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }

# Prints the calling script's leading comment when the first argument asks for help.
help_if_asked() {
    case "${1:-}" in
        -h | --help)
            sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
            exit 0
            ;;
    esac
}

require_swift() {
    command -v swift >/dev/null || fail "there is no 'swift' in PATH. Martlet needs Swift 6.2 or later: https://www.swift.org/install"
}

# require_packages WHY PACKAGE...: Debian packages, by name.
require_packages() {
    local why=$1 missing
    shift
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    say "Installing$missing: $why"
    # shellcheck disable=SC2086 # one word a package
    install_packages $missing || fail "not installed:$missing ($why). Please run as root: apt-get update && apt-get install$missing"
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf ' %s' "$package"
    done
}

install_packages() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update -qq \
        && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@" \
            >/dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# require_python NAME WHY REQUIREMENTS: a virtual environment of that name with exactly these packages, in $venv.
require_python() {
    local name=$1 why=$2 requirements=$3
    venv=$root/.build-python/$name
    cmp -s "$requirements" "$venv/installed.txt" && return 0
    require_packages "$why" python3-venv
    say "Setting up Python packages in ${venv#"$root"/}: $why"
    rm -rf "$venv"
    # Debian's own Python: python3-venv belongs to it, and another one in PATH may lack it.
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --no-deps --requirement "$requirements"
    cp "$requirements" "$venv/installed.txt"
}

require_build_packages() {
    require_packages "the headers of SQLite, PostgreSQL's client and curl, which the package builds with" \
        libsqlite3-dev libpq-dev libcurl4-openssl-dev
}

# PostgreSQL's programs, to run a server in a temporary folder; with MARTLET_TEST_POSTGRES_URL only psql, for the server
# that it names.
require_postgres() {
    local why="tests on PostgreSQL"
    if [ -n "${MARTLET_TEST_POSTGRES_URL:-}" ]; then
        command -v psql >/dev/null || require_packages "$why" postgresql-client
    elif ! command -v postgres >/dev/null && ! compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null; then
        without_system_cluster require_packages "$why" postgresql
    fi
}

# Installed alone, Debian's package makes a cluster of the system's and starts it, which nobody has asked for. A server
# that is there already isn't touched: what this sets is for new ones, and is taken back.
without_system_cluster() {
    local folder=/etc/postgresql-common/createcluster.d code=0
    local file=$folder/martlet-tests.conf
    as_root mkdir -p "$folder" && echo "create_main_cluster = false" | as_root tee "$file" >/dev/null || true
    ("$@") || code=$?
    as_root rm -f "$file" || true
    return $code
}

# The server as it is delivered; its path in $martlet.
build_release() {
    require_swift
    require_build_packages
    say "Building the server (some minutes the first time)"
    swift build --package-path "$root" -c release --product martlet >&2
    martlet=$(swift build --package-path "$root" -c release --show-bin-path)/martlet
}
