#!/bin/sh
# Makes the virtual environment from the lock file. Works as root and as an ordinary user, on a bare Debian 12:
# what the system's Python lacks (venv, pip) is installed when root, or unpacked privately when not.
set -eu
VENV="${VENV:-.venv}"
UV_VERSION=0.13.8

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$1 -> $2"; exit 1; }

# Without a home to write in, nothing is cached.
caches="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}"
mkdir -p "$caches" 2>/dev/null && [ -w "$caches" ] || {
    PIP_NO_CACHE_DIR=1
    export PIP_NO_CACHE_DIR
    [ -n "${UV_CACHE_DIR:-}" ] || { UV_NO_CACHE=1; export UV_NO_CACHE; }
}

# Unless told otherwise: the first that is new enough, complete, and built with profile-guided optimisation, as
# distributions do and version managers mostly do not. Without it plain Python takes 1.5 to 2 times as long.
quick() {
    "$1" - 2>/dev/null <<'PROBE'
import sys, sysconfig
from ensurepip import version
optimised = sys.base_prefix == "/usr" or "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12) or not optimised)
PROBE
}
if [ -z "${PYTHON:-}" ]; then
    PYTHON=python3
    for candidate in python3 /usr/bin/python3; do
        if quick "$candidate"; then PYTHON="$candidate"; break; fi
    done
fi

command -v "$PYTHON" >/dev/null 2>&1 || {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing Python"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
    else
        fail "there is no $PYTHON" "install Python 3.11 or 3.12, or set PYTHON=/path/to/python3"
    fi
}
# The phones of the demo (pjsua2) exist ready-made up to 3.12.
"$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' ||
    fail "$PYTHON is not 3.11 or 3.12" "set PYTHON=/path/to/one/of/these"

# pip may be missing (Debian ships ensurepip apart): root installs it, others unpack the wheel privately.
with_pip() {
    "$PYTHON" -c 'from ensurepip import version' 2>/dev/null && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing python3-venv"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null && return 0
    fi
    return 1
}

if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$VENV" # what an interrupted set-up left
    if with_pip; then
        "$PYTHON" -m venv "$VENV"
    else
        command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
            fail "this Python has neither pip nor ensurepip" "install python3-venv"
        say "unpacking pip privately"
        "$PYTHON" -m venv --without-pip "$VENV"
        wheel_dir="$(mktemp -d)"
        trap 'rm -rf "$wheel_dir"' EXIT
        (cd "$wheel_dir" && apt-get download -qq python3-pip-whl >/dev/null) ||
            fail "apt-get cannot fetch python3-pip-whl" "run 'apt-get update' as root, or install python3-venv"
        dpkg-deb -x "$wheel_dir"/python3-pip-whl_*.deb "$wheel_dir/root"
        pip_wheel="$(ls "$wheel_dir"/root/usr/share/python-wheels/pip-*.whl)"
        "$VENV/bin/python" "$pip_wheel/pip" install -q --disable-pip-version-check "$pip_wheel"
    fi
fi

if [ "$("$VENV/bin/python" -m uv --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check "uv==$UV_VERSION" ||
        fail "uv cannot be installed" "check that the package index is reachable"
fi

# uv takes the certificates that pip was told of.
SSL_CERT_FILE="${SSL_CERT_FILE:-${PIP_CERT:-}}"
[ -n "$SSL_CERT_FILE" ] && export SSL_CERT_FILE || unset SSL_CERT_FILE
say "installing the locked packages"
"$VENV/bin/python" -m uv pip install -q --python "$VENV/bin/python" --require-hashes -r requirements.lock ||
    fail "the locked packages cannot be installed" "check the package index and the disk, then try again"

# The project itself stays where it is. The command finds it from its own place, so that a path with spaces or
# Chinese letters, another working directory and a moved project are all the same to it.
cat > "$VENV/bin/callcenter" <<'COMMAND'
#!/bin/sh
bin="$(dirname "$(readlink -f "$0")")"
PYTHONPATH="$(dirname "$(dirname "$bin")")${PYTHONPATH:+:$PYTHONPATH}" exec "$bin/python" -P -m callcenter "$@"
COMMAND
chmod +x "$VENV/bin/callcenter"
